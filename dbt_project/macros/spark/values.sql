{# Values, instants and hashes in Spark's words; each macro is explained where it is dispatched. #}

{# What DuckDB takes for a uuid: 32 digits with dashes anywhere, in braces or not. #}
{% macro spark__identifier(column) -%}
    {%- set text = trimmed(column) -%}
    case
        when {{ matches_fully("replace(" ~ text ~ ", '-', '')", '[0-9a-fA-F]{32}|[{][0-9a-fA-F]{32}[}]') }}
            then regexp_replace(
                lower(translate({{ text }}, '{-}', '')),
                '(.{8})(.{4})(.{4})(.{4})(.{12})', '$1-$2-$3-$4-$5'
            )
        when not contains({{ text }}, '.') and not contains({{ text }}, '+') then nullif({{ text }}, '')
        when {{ matches_fully(text, whole_float_pattern()) }} then split_part({{ text }}, '.', 1)
        when {{ matches_fully(text, number_pattern()) }} then raise_error({{ no_identifier(column) }})
        else {{ text }}
    end
{%- endmacro %}


{% macro spark__is_present(column, table_name) -%}
    case
        when {{ trimmed(column) }} <> '' and lower({{ trimmed(column) }}) <> '{{ column }}' then true
        else raise_error({{ no_key(column, table_name) }})
    end
{%- endmacro %}


{% macro spark__shown_text(column, length) -%}
    regexp_replace(left(cast({{ column }} as string), {{ length }}), '[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]', '?')
{%- endmacro %}


{% macro spark__email_hash(column) -%}
    sha2(lower(trim({{ column }})), 256)
{%- endmacro %}


{% macro spark__text_literal(text) -%}
    '{{ text | replace("\\", "\\\\") | replace("'", "\\'") | replace("\n", "\\n") | replace("\r", "\\r") }}'
{%- endmacro %}


{# Java's `$` also matches before a last line break, and its `.` for no line break at all. #}
{% macro spark__matches_fully(text, pattern) -%}
    {{ text }} rlike '(?s)^(?:{{ pattern }})(?!.)'
{%- endmacro %}


{% macro spark__matches_within(text, pattern) -%}
    {{ text }} rlike '{{ pattern }}'
{%- endmacro %}


{% macro spark__instant(column) -%}
    try_cast({{ column }} as timestamp)
{%- endmacro %}


{# Spark takes a year, a month or the time of a day for an instant too. #}
{% macro spark__is_instant(column, table_name) -%}
    case
        when
            {{ is_within_calendar(instant(column)) }}
            and (
                typeof({{ column }}) = 'timestamp'
                or {{ matches_fully('upper(trim(cast(' ~ column ~ ' as string)))', instant_pattern()) }}
            )
            then true
        else raise_error({{ no_instant(column, table_name) }})
    end
{%- endmacro %}


{# The session's zone is UTC, so a timestamp shows there what the wall clock does. #}
{% macro spark__reporting_time(instant) -%}
    {%- if reporting_timezone() == 'UTC' -%}
        {{ instant }}
    {%- else -%}
        from_utc_timestamp({{ instant }}, '{{ reporting_timezone() }}')
    {%- endif -%}
{%- endmacro %}


{% macro spark__event_hash(event_type, event_id) -%}
    xxhash64({{ event_id }}, {{ event_type }})
{%- endmacro %}


{# Its hashes pass over a null, and so would take (null, 'x') for ('x', null); what is null is hashed first. #}
{% macro spark__visitor(ip, user_agent) -%}
    struct(
        xxhash64({{ ip }} is null, {{ ip }}, {{ user_agent }} is null, {{ user_agent }}) as one,
        xxhash64({{ user_agent }} is null, {{ user_agent }}, {{ ip }} is null, {{ ip }}, 1) as other
    )
{%- endmacro %}


{% macro spark__instant_type() -%}
    timestamp
{%- endmacro %}


{% macro spark__days_between(first, last) -%}
    cast(datediff({{ last }}, {{ first }}) as bigint)
{%- endmacro %}


{# A cast alone would also read `7d`, `NaN` and `Infinity`. #}
{% macro spark__is_number(column) -%}
    {{ matches_fully(trimmed(column), number_pattern()) }}
    and abs(try_cast({{ column }} as double)) < double('Infinity')
{%- endmacro %}


{% macro spark__raised_error(sentence) -%}
    raise_error({{ sentence }})
{%- endmacro %}
