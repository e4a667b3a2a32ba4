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


{# The SHA-256 of an e-mail address, the same however its case is spelled. #}
{% macro email_hash(column) %}
    {{- return(adapter.dispatch('email_hash', 'refsync')(column)) -}}
{% endmacro %}

{% macro duckdb__email_hash(column) -%}
    sha256(lower(trim({{ column }})))
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
    {{- return(adapter.dispatch('ip_network', 'refsync')(column)) -}}
{% endmacro %}

{% macro duckdb__ip_network(column) %}
    {%- set octet = '(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])' -%}
    {%- set ipv4 = '(' ~ octet ~ '[.]){3}' ~ octet -%}
    {%- set ipv6 = '([0-9a-fA-F]{0,4}:){2,7}([0-9a-fA-F]{0,4}|' ~ ipv4 ~ ')' -%}
    {%- set head = "split_part(" ~ column ~ ", '::', 1)" -%}
    {%- set tail = "split_part(" ~ column ~ ", '::', 2)" -%}
    {%- set written = "(" ~ count_groups(head) ~ " + " ~ count_groups(tail) ~ ")" -%}
    {%- set groups -%}
        ltrim({{ head }} || repeat(':0', 8 - {{ written }}) || ':' || {{ tail }}, ':')
    {%- endset -%}
    {%- set first = ip_group(groups, 1) -%}
    {%- set second = ip_group(groups, 2) -%}
    {%- set third = ip_group(groups, 3) -%}
    case
        when regexp_full_match({{ column }}, '{{ ipv4 }}')
            then regexp_replace({{ column }}, '[0-9]+$', '0')
        when
            {{ column }} is null
            or not regexp_full_match({{ column }}, '{{ ipv6 }}')
            or regexp_matches({{ column }}, ':::|::.*::|^:[^:]|[^:]:$')
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
    coalesce(nullif(ltrim(lower(split_part({{ groups }}, ':', {{ position }})), '0'), ''), '0')
{%- endmacro %}
