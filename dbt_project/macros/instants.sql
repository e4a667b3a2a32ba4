{#
    Instants and the reporting zone's calendar. The engines differ most in time zones, so all of it is here.
    An instant is a timestamp with time zone on DuckDB and a timestamp on Spark; both run with the session zone UTC.
#}

{# The instant that a column of the source holds, as text or as an instant; text without an offset is UTC. #}
{% macro instant(column) %}
    {{- return(adapter.dispatch('instant', 'refsync')(column)) -}}
{% endmacro %}

{% macro duckdb__instant(column) -%}
    try_cast({{ column }} as timestamp with time zone)
{%- endmacro %}

{% macro spark__instant(column) -%}
    try_cast({{ column }} as timestamp)
{%- endmacro %}


{# True, or an error that names the table, the file and the value. DuckDB folds typeof() and skips the text check on real instants. #}
{% macro is_instant(column, table_name) %}
    {{- return(adapter.dispatch('is_instant', 'refsync')(column, table_name)) -}}
{% endmacro %}

{% macro duckdb__is_instant(column, table_name) -%}
    case
        when
            isfinite({{ instant(column) }})
            {#- DuckDB also reads the words 'epoch' and 'infinity' as instants. #}
            and (
                typeof({{ column }}) = 'TIMESTAMP WITH TIME ZONE'
                or left(ltrim(cast({{ column }} as varchar)), 1) between '0' and '9'
            )
            then true
        else
            error(
                '{{ table_name }}: the {{ column }} '
                || coalesce('''' || cast({{ column }} as varchar) || '''', 'of a row is empty:')
                || ' in ' || _part || ' is not a date and time'
                || ' such as 2026-03-31 08:15:00+00:00; correct it at the source.'
            )
    end
{%- endmacro %}

{# Spark takes a year, a month or the time of a day for an instant too. #}
{% macro spark__is_instant(column, table_name) -%}
    {%- set date = '[0-9]{4,}-[0-9]{1,2}-[0-9]{1,2}' -%}
    {%- set time = '[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]*)?)?' -%}
    {%- set zone = 'Z|UTC|[+-][0-9]{1,2}(:?[0-9]{2})?' -%}
    case
        when
            {{ instant(column) }} is not null
            and (
                typeof({{ column }}) = 'timestamp'
                or {{ matches_fully(
                    'trim(cast(' ~ column ~ ' as string))', date ~ '([ T]' ~ time ~ ')? ?(' ~ zone ~ ')?'
                ) }}
            )
            then true
        else
            raise_error(
                '{{ table_name }}: the {{ column }} '
                || coalesce('\'' || cast({{ column }} as string) || '\'', 'of a row is empty:')
                || ' in ' || _part || ' is not a date and time'
                || ' such as 2026-03-31 08:15:00+00:00; correct it at the source.'
            )
    end
{%- endmacro %}


{# The same for a column that may be empty. #}
{% macro is_instant_or_null(column, table_name) -%}
    ({{ column }} is null or {{ is_instant(column, table_name) }})
{%- endmacro %}


{# The date of an instant in the reporting zone; midnight belongs to the day that begins. #}
{% macro reporting_date(instant) -%}
    cast({{ reporting_time(instant) }} as date)
{%- endmacro %}


{# The wall clock's time of an instant in the reporting zone, without a zone of its own. #}
{% macro reporting_time(instant) %}
    {{- return(adapter.dispatch('reporting_time', 'refsync')(instant)) -}}
{% endmacro %}

{% macro duckdb__reporting_time(instant) -%}
    {%- if reporting_timezone() == 'UTC' -%}
        {#- Ten times as fast as a conversion between zones. -#}
        make_timestamp(epoch_us({{ instant }}))
    {%- else -%}
        timezone('{{ reporting_timezone() }}', {{ instant }})
    {%- endif -%}
{%- endmacro %}

{#- The session's zone is UTC, so a timestamp shows there what the wall clock does. -#}
{% macro spark__reporting_time(instant) -%}
    {%- if reporting_timezone() == 'UTC' -%}
        {{ instant }}
    {%- else -%}
        from_utc_timestamp({{ instant }}, '{{ reporting_timezone() }}')
    {%- endif -%}
{%- endmacro %}



{#
    True for instants on the dates from a first to a last. It says so of the instant itself too, a day to either side
    where the zone is not UTC: no zone is further away, and files tell which instants they hold, but not which dates.
#}
{% macro is_between_dates(instant, first, last) -%}
    {%- set margin = 0 if reporting_timezone() == 'UTC' else 1 -%}
    {%- set start = date_before(first, margin) -%}
    {%- set end = date_before(last, -1 - margin) -%}
    {#- At the ends of the calendar there is no date to go by. -#}
    {%- if start is not none -%}
        {{ instant }} >= {{ instant_of(start) }} and{{ ' ' }}
    {%- endif -%}
    {%- if end is not none -%}
        {{ instant }} < {{ instant_of(end) }} and{{ ' ' }}
    {%- endif -%}
    {{ reporting_date(instant) }} between
    cast('{{ first }}' as date) and cast('{{ last }}' as date)
{%- endmacro %}


{# The instant at which a date begins in UTC. #}
{% macro instant_of(date) -%}
    {{ instant("'" ~ date ~ " 00:00:00+00:00'") }}
{%- endmacro %}
