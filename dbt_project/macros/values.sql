{# An identifier as text: a uuid with dashes and in lower case, however the source writes it. #}
{% macro identifier(column) %}
    {{- return(adapter.dispatch('identifier', 'refsync')(column)) -}}
{% endmacro %}

{#- DuckDB folds typeof(): ids that come as uuids are spared the way through text and back. -#}
{% macro duckdb__identifier(column) -%}
    case
        when typeof({{ column }}) = 'UUID' then cast({{ column }} as varchar)
        else
            coalesce(
                cast(try_cast({{ column }} as uuid) as varchar),
                nullif(cast({{ column }} as varchar), '')
            )
    end
{%- endmacro %}

{#- What DuckDB takes for a uuid: 32 digits with dashes anywhere, in braces or not. -#}
{% macro spark__identifier(column) -%}
    case
        when {{ matches_fully("replace(cast(" ~ column ~ " as string), '-', '')", '[0-9a-fA-F]{32}|[{][0-9a-fA-F]{32}[}]') }}
            then regexp_replace(
                lower(translate(cast({{ column }} as string), '{-}', '')),
                '(.{8})(.{4})(.{4})(.{4})(.{12})', '$1-$2-$3-$4-$5'
            )
        else nullif(cast({{ column }} as string), '')
    end
{%- endmacro %}


{# True, or an error that names the table and the file: a row without its key cannot be counted. #}
{% macro is_present(column, table_name) %}
    {{- return(adapter.dispatch('is_present', 'refsync')(column, table_name)) -}}
{% endmacro %}

{% macro duckdb__is_present(column, table_name) -%}
    case
        when
            {{ column }} is not null
            and (typeof({{ column }}) = 'UUID' or cast({{ column }} as varchar) <> '')
            then true
        else
            error(
                '{{ table_name }}: a row of ' || _part
                || ' has no {{ column }}; correct it at the source.'
            )
    end
{%- endmacro %}

{% macro spark__is_present(column, table_name) -%}
    case
        when cast({{ column }} as string) <> '' then true
        else
            raise_error(
                '{{ table_name }}: a row of ' || _part
                || ' has no {{ column }}; correct it at the source.'
            )
    end
{%- endmacro %}


{# The SHA-256 of an e-mail address, the same however its case is spelled. #}
{% macro email_hash(column) %}
    {{- return(adapter.dispatch('email_hash', 'refsync')(column)) -}}
{% endmacro %}

{% macro duckdb__email_hash(column) -%}
    sha256(lower(trim({{ column }})))
{%- endmacro %}

{% macro spark__email_hash(column) -%}
    sha2(lower(trim({{ column }})), 256)
{%- endmacro %}


{# A text as SQL writes it. #}
{% macro text_literal(text) %}
    {{- return(adapter.dispatch('text_literal', 'refsync')(text)) -}}
{% endmacro %}

{% macro default__text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{% macro spark__text_literal(text) -%}
    '{{ text | replace("\\", "\\\\") | replace("'", "\\'") | replace("\n", "\\n") | replace("\r", "\\r") }}'
{%- endmacro %}


{# True where a pattern matches a text from its first to its last character. #}
{% macro matches_fully(text, pattern) %}
    {{- return(adapter.dispatch('matches_fully', 'refsync')(text, pattern)) -}}
{% endmacro %}

{% macro duckdb__matches_fully(text, pattern) -%}
    regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}

{#- Java's `$` also stands before a last line break, and its `.` for no line break at all. -#}
{% macro spark__matches_fully(text, pattern) -%}
    {{ text }} rlike '(?s)^(?:{{ pattern }})(?!.)'
{%- endmacro %}


{# True where a pattern matches a part of a text. #}
{% macro matches_within(text, pattern) %}
    {{- return(adapter.dispatch('matches_within', 'refsync')(text, pattern)) -}}
{% endmacro %}

{% macro duckdb__matches_within(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches_within(text, pattern) -%}
    {{ text }} rlike '{{ pattern }}'
{%- endmacro %}


{# signups / clicks, a ratio of sums; null without clicks. #}
{% macro rate(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif({{ denominator }}, 0)
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
