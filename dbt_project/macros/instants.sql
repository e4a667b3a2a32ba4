{#
    Instants and the reporting zone's calendar. The engines differ most in time zones, so all of it is here.
    An instant is a timestamp with time zone on DuckDB and a timestamp on Spark; both run with the session zone UTC.
#}

{# The instant that a column of the source holds, as text or as an instant; text without an offset is UTC. #}
{% macro instant(column) %}
    {{- return(adapter.dispatch('instant', 'refsync')(column)) -}}
{% endmacro %}

{#- DuckDB wants seconds before an offset, no space there and capitals. What it reads by itself is spared the rest. -#}
{% macro duckdb__instant(column) -%}
    {%- set text = "replace(upper(trim(cast(" ~ column ~ " as varchar))), 'UTC', 'Z')" -%}
    {%- set with_seconds = "regexp_replace(" ~ text ~ ", '^(.{16}) ?([-+Z])', '\\1:00\\2')" -%}
    case
        when typeof({{ column }}) = 'TIMESTAMP WITH TIME ZONE' then try_cast({{ column }} as timestamp with time zone)
        else
            coalesce(
                try_cast({{ column }} as timestamp with time zone),
                try_cast(regexp_replace({{ with_seconds }}, ' ([-+Z])', '\1') as timestamp with time zone)
            )
    end
{%- endmacro %}


{# True, or an error that names the table, the file and the value. DuckDB folds typeof() and skips the text check on real instants. #}
{% macro is_instant(column, table_name) %}
    {{- return(adapter.dispatch('is_instant', 'refsync')(column, table_name)) -}}
{% endmacro %}

{% macro duckdb__is_instant(column, table_name) -%}
    {%- set text = 'cast(' ~ column ~ ' as varchar)' -%}
    case
        when
            case
                when typeof({{ column }}) = 'TIMESTAMP WITH TIME ZONE' then {{ is_within_calendar(instant(column)) }}
                {#- Most texts look like these, and are spared what costs more. #}
                when
                    {{ text }} like '20__-__-__ __:__:__%'
                    and (suffix({{ text }}, '+00:00') or suffix({{ text }}, '+00') or length({{ text }}) = 19)
                    then {{ instant(column) }} is not null
                else
                    {{ is_within_calendar(instant(column)) }}
                    and {{ matches_fully('upper(trim(' ~ text ~ '))', instant_pattern()) }}
            end
            then true
        else error({{ no_instant(column, table_name) }})
    end
{%- endmacro %}


{#
    ISO 8601 in capitals: a year of four digits, a month and a day; a time of day, with seconds and a fraction or not; an
    offset or not. Other orders and shorter years could mean several days.
#}
{% macro instant_pattern() -%}
    {%- set time = '([01][0-9]|2[0-4]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?' -%}
    {%- set zone = 'Z|UTC|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?' -%}
    [0-9]{4}-[0-9]{2}-[0-9]{2}([ T]{{ time }}( ?({{ zone }}))?)?
{%- endmacro %}


{# True where an instant is in the years 1 to 9999 in UTC. #}
{% macro is_within_calendar(instant) -%}
    {{ instant }} between {{ instant_literal('0001-01-01 00:00:00') }}
    and {{ instant_literal('9999-12-31 23:59:59.999999') }}
{%- endmacro %}


{# The sentence on a value that is no instant. #}
{% macro no_instant(column, table_name) -%}
    '{{ table_name }}: the {{ column }} ' || coalesce({{ shown_value(column) }}, 'of a row is empty:')
    || ' in ' || {{ shown_text('_part', 300) }} || ' is not a date and time'
    || ' such as 2026-03-31 08:15:00+00:00; correct it at the source.'
{%- endmacro %}


{# The same for a column that may be empty. #}
{% macro is_instant_or_null(column, table_name) -%}
    ({{ column }} is null or {{ is_instant(column, table_name) }})
{%- endmacro %}


{# The date of an instant in the reporting zone; midnight belongs to the day that begins. #}
{% macro reporting_date(instant) -%}
    cast({{ reporting_time(instant) }} as date)
{%- endmacro %}


{# The same of an instant at either end of the calendar too, whose date may be beyond it, by the zone. #}
{% macro calendar_date(instant) -%}
    case
        when {{ reporting_date(instant) }} < cast('0001-01-01' as date) then cast('0001-01-01' as date)
        when {{ reporting_date(instant) }} > cast('9999-12-31' as date) then cast('9999-12-31' as date)
        else {{ reporting_date(instant) }}
    end
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


{#
    True for all instants that can be on a relation's dates, from the first to the last; a day more on either side, as no
    zone is further from UTC. It compares the instant itself with two values, so that groups of rows of a file whose
    instants are all outside are left unread.
#}
{% macro is_near_dates(instant, relation, first='event_date', last='event_date', days_before=0) -%}
    {{ instant }} >= (
        select {{ start_of(dbt.dateadd('day', -1 - days_before, 'min(' ~ first ~ ')')) }} from {{ relation }}
    )
    and {{ instant }} < (
        select {{ start_of(dbt.dateadd('day', 2, 'max(' ~ last ~ ')')) }} from {{ relation }}
    )
{%- endmacro %}


{# The instant at which a date begins in UTC, the zone of every session. #}
{% macro start_of(date) -%}
    cast({{ date }} as {{ instant_type() }})
{%- endmacro %}


{# An instant that is written out in UTC. #}
{% macro instant_literal(text) -%}
    cast('{{ text }}+00:00' as {{ instant_type() }})
{%- endmacro %}


{# The type of an instant. #}
{% macro instant_type() %}
    {{- return(adapter.dispatch('instant_type', 'refsync')()) -}}
{% endmacro %}

{% macro duckdb__instant_type() -%}
    timestamp with time zone
{%- endmacro %}


{# How many days a date is after another; null where either is. dbt's own macro fails on a null on Spark. #}
{% macro days_between(first, last) %}
    {{- return(adapter.dispatch('days_between', 'refsync')(first, last)) -}}
{% endmacro %}

{% macro duckdb__days_between(first, last) -%}
    date_diff('day', {{ first }}, {{ last }})
{%- endmacro %}
