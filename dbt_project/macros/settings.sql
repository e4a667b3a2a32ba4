{# The project's variables. Each is read here and nowhere else; a wrong one is a sentence, not a guess. #}

{% macro as_of_date() %}
    {%- set default = var('sample_as_of_date') if target.name == 'sample' else 'today' -%}
    {%- set value = var('as_of_date', default) | string -%}
    {%- if value in ['today', 'yesterday'] -%}
        {%- set zone = modules.pytz.timezone(reporting_timezone()) -%}
        {%- set days_ago = modules.datetime.timedelta(days=1 if value == 'yesterday' else 0) -%}
        {%- set value = (run_started_at.astimezone(zone).date() - days_ago) | string -%}
    {%- elif not is_date(value) -%}
        {%- set expected = 'today, yesterday or a date such as 2026-03-31' -%}
        {%- set value = bad_setting('as_of_date', value, expected, '2000-01-01') -%}
    {%- endif -%}
    {{- return(value) -}}
{% endmacro %}


{% macro is_date(text) %}
    {%- if not modules.re.fullmatch('[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])', text) -%}
        {{- return(false) -}}
    {%- endif -%}
    {%- set year, month, day = text.split('-') | map('int') -%}
    {#- A day that the month does not have comes out as a day of the next month. -#}
    {%- set date = modules.datetime.date([year, 1] | max, month, 1)
        + modules.datetime.timedelta(days=day - 1) -%}
    {{- return(date | string == text) -}}
{% endmacro %}


{% macro reporting_timezone() %}
    {%- set value = var('reporting_timezone') | string -%}
    {%- if value not in modules.pytz.all_timezones -%}
        {%- set expected = 'a name such as UTC or Europe/Berlin' -%}
        {%- set value = bad_setting('reporting_timezone', value, expected, 'UTC') -%}
    {%- endif -%}
    {{- return(value) -}}
{% endmacro %}


{% macro raw_days() %}
    {{- return(positive_number('raw_days')) -}}
{% endmacro %}


{% macro raw_max_rows() %}
    {{- return(positive_number('raw_max_rows')) -}}
{% endmacro %}


{% macro positive_number(name) %}
    {%- set value = var(name) | string -%}
    {%- if not modules.re.fullmatch('[0-9]{1,9}', value) or value | int < 1 -%}
        {%- set value = bad_setting(name, value, 'a whole number from 1 up', 1) -%}
    {%- endif -%}
    {{- return(value | int) -}}
{% endmacro %}


{% macro ip_privacy() %}
    {%- set value = var('ip_privacy') | string -%}
    {%- if value not in ['full', 'truncate', 'omit'] -%}
        {%- set value = bad_setting('ip_privacy', value, 'full, truncate or omit', 'omit') -%}
    {%- endif -%}
    {{- return(value) -}}
{% endmacro %}


{#
    An error once dbt runs. While it parses, a stand-in: the on-run-start hook is to say what is wrong, so that the
    database remembers that the build failed.
#}
{% macro bad_setting(name, value, expected, stand_in) %}
    {%- if execute -%}
        {{ exceptions.raise_compiler_error(
            "The variable " ~ name ~ " is '" ~ value ~ "': set it to " ~ expected ~ "."
        ) }}
    {%- endif -%}
    {{- return(stand_in) -}}
{% endmacro %}


{# A date some days before another, both as text; none outside the years 1 to 9999. #}
{% macro date_before(date, days) %}
    {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', date | string) -%}
        {{- return(none) -}}
    {%- endif -%}
    {%- set date = modules.datetime.datetime.strptime(date | string, '%Y-%m-%d').date() -%}
    {%- set day = date.toordinal() - days -%}
    {%- if day < 1 or day > modules.datetime.date.max.toordinal() -%}
        {{- return(none) -}}
    {%- endif -%}
    {{- return((date - modules.datetime.timedelta(days=days)) | string) -}}
{% endmacro %}


{# The date that lies `days` before the as-of date, as SQL: 6 begins the last 7 days, which the as-of date ends. #}
{% macro days_before_as_of(days) -%}
    cast('{{ date_before(as_of_date(), days) }}' as date)
{%- endmacro %}
