{#
    An identifier as text: a uuid with dashes and in lower case, however the source writes it; a whole number without the
    `.0` that a column of floats gives it. A number that may have lost digits is an error.
#}
{% macro identifier(column) %}
    {{- return(adapter.dispatch('identifier', 'refsync')(column)) -}}
{% endmacro %}

{#-
    DuckDB folds typeof(): ids that come as uuids are spared the way through text and back. An expression that is written
    twice is computed for every row, so none is, and only what is no uuid costs more.
-#}
{% macro duckdb__identifier(column) -%}
    case
        when typeof({{ column }}) = 'UUID' then cast({{ column }} as varchar)
        else
            coalesce(
                cast(try_cast({{ column }} as uuid) as varchar),
                case
                    when contains(cast({{ column }} as varchar), '.') or contains(cast({{ column }} as varchar), '+')
                        then
                            case
                                when {{ matches_fully('cast(' ~ column ~ ' as varchar)', ' *' ~ whole_float_pattern() ~ ' *') }}
                                    then regexp_extract(cast({{ column }} as varchar), '-?[0-9]+')
                                when {{ matches_fully('cast(' ~ column ~ ' as varchar)', ' *' ~ number_pattern() ~ ' *') }}
                                    then error({{ no_identifier(column) }})
                                else regexp_replace(cast({{ column }} as varchar), '^ +| +$', '', 'g')
                            end
                    when strlen(cast({{ column }} as varchar)) > 32
                        then
                            coalesce(
                                cast(try_cast({{ trimmed(column) }} as uuid) as varchar),
                                nullif(ltrim(rtrim(cast({{ column }} as varchar))), '')
                            )
                    else nullif(rtrim(ltrim(cast({{ column }} as varchar))), '')
                end
            )
    end
{%- endmacro %}


{# A whole number as a column of floats writes it, with so few digits that it lost none. #}
{% macro whole_float_pattern() -%}
    -?[0-9]{1,15}[.]0*
{%- endmacro %}


{# A number with a fraction or an exponent, or without. #}
{% macro number_pattern() -%}
    [+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?
{%- endmacro %}


{# The sentence on a number that may have lost digits. #}
{% macro no_identifier(column) -%}
    split_part(split_part(_part, '/', 1), '.', 1) || ': the {{ column }} ' || {{ shown_value(column) }}
    || ' in ' || {{ shown_text('_part', 300) }} || ' is no whole number; export ids as text or as whole numbers.'
{%- endmacro %}


{# A value as text, without space around it. #}
{% macro trimmed(column) -%}
    trim(cast({{ column }} as {{ dbt.type_string() }}))
{%- endmacro %}


{# True, or an error that names the table and the file: a row without its key cannot be counted. #}
{% macro is_present(column, table_name) %}
    {{- return(adapter.dispatch('is_present', 'refsync')(column, table_name)) -}}
{% endmacro %}

{% macro duckdb__is_present(column, table_name) -%}
    {%- set text = 'cast(' ~ column ~ ' as varchar)' -%}
    case
        when typeof({{ column }}) = 'UUID' and {{ column }} is not null then true
        {#- Most ids are neither blank nor begin as the header does, and are spared what costs more. #}
        when
            {{ text }} > '!'
            and not {{ text }} between '{{ column[0] | upper }}' and '{{ column[0] | upper }}~~'
            and not {{ text }} between '{{ column[0] }}' and '{{ column[0] }}~~'
            then true
        when {{ trimmed(column) }} <> '' and lower({{ trimmed(column) }}) <> '{{ column }}' then true
        else error({{ no_key(column, table_name) }})
    end
{%- endmacro %}


{# The sentence on a row without its key, or on a header among the rows. #}
{% macro no_key(column, table_name) -%}
    '{{ table_name }}: a row of ' || {{ shown_text('_part', 300) }}
    || case
        when {{ trimmed(column) }} <> '' then ' repeats the header'
        else ' has no {{ column }}'
    end
    || '; correct it at the source.'
{%- endmacro %}


{# A value in quotes for an error: shortened, and nothing in it that a terminal or a log takes for a command. #}
{% macro shown_value(column) -%}
    {{ text_literal("'") }} || {{ shown_text(column, 100) }} || {{ text_literal("'") }}
{%- endmacro %}


{# A text for an error. #}
{% macro shown_text(column, length) %}
    {{- return(adapter.dispatch('shown_text', 'refsync')(column, length)) -}}
{% endmacro %}

{% macro duckdb__shown_text(column, length) -%}
    regexp_replace(
        left(cast({{ column }} as varchar), {{ length }}),
        '[\x{00}-\x{1f}\x{7f}-\x{9f}\x{200e}\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}]', '?', 'g'
    )
{%- endmacro %}


{#
    The hash of an e-mail address, the same however its case is spelled: its HMAC-SHA256 where the environment has
    REFSYNC_EMAIL_KEY, its SHA-256 otherwise. The plugin sets the two blocks that are made of the key as variables of
    the session, so that the key is in no SQL.
#}
{% macro email_hash(column) %}
    {{- return(adapter.dispatch('email_hash', 'refsync')(column)) -}}
{% endmacro %}

{% macro duckdb__email_hash(column) -%}
    {{ hmac_or_sha256("lower(trim(" ~ column ~ "))") }}
{%- endmacro %}

{% macro hmac_or_sha256(text) -%}
    case
        when {{ has_email_key() }}
            then
                sha256(
                    cast(getvariable('refsync_email_outer') as blob)
                    || unhex(sha256(cast(getvariable('refsync_email_inner') as blob) || encode({{ text }})))
                )
        else sha256({{ text }})
    end
{%- endmacro %}

{#- A macro of its own, so that the unit test of a hash without a key passes where there is one. -#}
{% macro has_email_key() -%}
    getvariable('refsync_email_inner') is not null
{%- endmacro %}


{# A text as SQL writes it. #}
{% macro text_literal(text) %}
    {{- return(adapter.dispatch('text_literal', 'refsync')(text)) -}}
{% endmacro %}

{% macro default__text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}


{# True where a pattern matches a text from its first to its last character. #}
{% macro matches_fully(text, pattern) %}
    {{- return(adapter.dispatch('matches_fully', 'refsync')(text, pattern)) -}}
{% endmacro %}

{% macro duckdb__matches_fully(text, pattern) -%}
    regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}


{# True where a pattern matches a part of a text. #}
{% macro matches_within(text, pattern) %}
    {{- return(adapter.dispatch('matches_within', 'refsync')(text, pattern)) -}}
{% endmacro %}

{% macro duckdb__matches_within(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}


{# signups / clicks, a ratio of sums; null without clicks. #}
{% macro rate(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif({{ denominator }}, 0)
{%- endmacro %}


{# What a person or thing is called: its name, or its id where the name is blank. #}
{% macro shown_name(name, id) -%}
    coalesce(nullif({{ name }}, ''), {{ id }})
{%- endmacro %}


{# A number with what it counts: `1 click`, `2 clicks`. #}
{% macro counted(number, noun) -%}
    cast({{ number }} as {{ dbt.type_string() }}) || case when {{ number }} = 1 then ' {{ noun }}' else ' {{ noun }}s' end
{%- endmacro %}


{# A number of at least 0 as text, with one decimal; half a tenth is rounded up. #}
{% macro one_decimal(number) -%}
    cast(cast(floor({{ number }} * 10 + 0.5) / 10 as decimal(18, 1)) as {{ dbt.type_string() }})
{%- endmacro %}


{# An IP address as the variable ip_privacy wants it shown. #}
{% macro shown_ip(column) %}
    {%- if ip_privacy() == 'full' -%}
        {{ column }}
    {%- elif ip_privacy() == 'omit' -%}
        cast(null as {{ dbt.type_string() }})
    {%- else -%}
        {{ ip_network(column) }}
    {%- endif -%}
{% endmacro %}


{# A user agent as the variable user_agent_privacy wants it shown. #}
{% macro shown_user_agent(column) -%}
    {%- if user_agent_privacy() == 'full' -%}
        {{ column }}
    {%- else -%}
        cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}


{#
    The network of an address: IPv4 to /24, IPv6 to /48, null for anything else. An IPv6 address is its first three
    groups, once `::` is written out; a group of zeros at the end goes back into `::`.
#}
{% macro ip_network(column) %}
    {%- set octet = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])' -%}
    {%- set ipv4 = '(' ~ octet ~ '[.]){3}' ~ octet -%}
    {%- set ipv6 = '([0-9a-fA-F]{0,4}:){2,7}([0-9a-fA-F]{0,4}|' ~ ipv4 ~ ')' -%}
    {%- set head = "split_part(" ~ column ~ ", '::', 1)" -%}
    {%- set tail = "split_part(" ~ column ~ ", '::', 2)" -%}
    {%- set written = "(" ~ count_groups(head) ~ " + " ~ count_groups(tail) ~ ")" -%}
    {%- set groups -%}
        trim(leading ':' from {{ head }} || repeat(':0', 8 - {{ written }}) || ':' || {{ tail }})
    {%- endset -%}
    {%- set first = ip_group(groups, 1) -%}
    {%- set second = ip_group(groups, 2) -%}
    {%- set third = ip_group(groups, 3) -%}
    case
        when {{ matches_fully(column, ipv4) }}
            then regexp_replace({{ column }}, '[0-9]+$', '0')
        when
            {{ column }} is null
            or not ({{ matches_fully(column, ipv6) }})
            or {{ matches_within(column, ':::|::.*::|^:[^:]|[^:]:$') }}
            or {{ written }} > 8
            or ({{ written }} < 8) <> contains({{ column }}, '::')
            then null
        when {{ third }} <> '0'
            then {{ first }} || ':' || {{ second }} || ':' || {{ third }} || '::'
        when {{ second }} <> '0' then {{ first }} || ':' || {{ second }} || '::'
        when {{ first }} <> '0' then {{ first }} || '::'
        else '::'
    end
{% endmacro %}


{# How many 16-bit groups a part of an IPv6 address spells out; an IPv4 ending counts for two. #}
{% macro count_groups(text) -%}
    case
        when {{ text }} = '' then 0
        else
            length({{ text }}) - length(replace({{ text }}, ':', '')) + 1
            + cast(contains({{ text }}, '.') as integer)
    end
{%- endmacro %}


{# The n-th group, without zeros in front. #}
{% macro ip_group(groups, position) -%}
    coalesce(nullif(trim(leading '0' from lower(split_part({{ groups }}, ':', {{ position }}))), ''), '0')
{%- endmacro %}
