{# The project's variables. Each is read here and nowhere else; a wrong one is a sentence, not a guess. #}

{% macro as_of_date() %}
    {%- set value = setting('as_of_date') -%}
    {%- if value is none -%}
        {%- set value = var('sample_as_of_date') if target.name == 'sample' else 'today' -%}
    {%- endif -%}
    {%- set value = value | string -%}
    {%- if value in ['today', 'yesterday'] -%}
        {%- set zone = modules.pytz.timezone(reporting_timezone()) -%}
        {%- set days_ago = modules.datetime.timedelta(days=1 if value == 'yesterday' else 0) -%}
        {%- set value = (run_started_at.astimezone(zone).date() - days_ago) | string -%}
    {%- elif not is_date(value) or not '1970' < value < '9999' -%}
        {%- set expected = 'today, yesterday or a date such as 2026-03-31, from 1970 to 9998' -%}
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
    {%- set value = setting('reporting_timezone') | string -%}
    {%- if value not in modules.pytz.all_timezones -%}
        {%- set expected = 'a name such as UTC or Europe/Berlin' -%}
        {%- set value = bad_setting('reporting_timezone', value, expected, 'UTC') -%}
    {%- endif -%}
    {{- return(value) -}}
{% endmacro %}


{% macro raw_days() %}
    {#- The earliest as-of date is so many days, and more, after the year 1. -#}
    {{- return(whole_number('raw_days', minimum=0, maximum=700000)) -}}
{% endmacro %}


{% macro raw_max_rows() %}
    {{- return(whole_number('raw_max_rows', minimum=1, maximum=999999999)) -}}
{% endmacro %}


{% macro whole_number(name, minimum, maximum) %}
    {%- set value = setting(name) | string -%}
    {%- if not modules.re.fullmatch('[0-9]{1,9}', value) or not minimum <= value | int <= maximum -%}
        {%- set value = bad_setting(name, value, 'a whole number from ' ~ minimum ~ ' to ' ~ maximum, 1) -%}
    {%- endif -%}
    {{- return(value | int) -}}
{% endmacro %}


{% macro ip_privacy() %}
    {%- set value = setting('ip_privacy') | string -%}
    {%- if value not in ['full', 'truncate', 'omit'] -%}
        {%- set value = bad_setting('ip_privacy', value, 'full, truncate or omit', 'omit') -%}
    {%- endif -%}
    {{- return(value) -}}
{% endmacro %}


{% macro user_agent_privacy() %}
    {%- set value = setting('user_agent_privacy') | string -%}
    {%- if value not in ['full', 'omit'] -%}
        {%- set value = bad_setting('user_agent_privacy', value, 'full or omit', 'omit') -%}
    {%- endif -%}
    {{- return(value) -}}
{% endmacro %}


{# As SQL, and as it is written: 7 and 7.0 are two settings. #}
{% macro fraud_threshold() %}
    {%- set value = setting('fraud_threshold') | string -%}
    {%- if not modules.re.fullmatch('-?[0-9]{1,9}([.][0-9]{1,9})?', value) -%}
        {%- set value = bad_setting('fraud_threshold', value, 'a number such as 7 or 7.5', 7) -%}
    {%- endif -%}
    {{- return(value) -}}
{% endmacro %}


{# All of them, as a build is made with. A variable that is not here is refused. #}
{% macro all_settings() %}
    {{- return({
        'as_of_date': as_of_date(),
        'reporting_timezone': reporting_timezone(),
        'raw_days': raw_days(),
        'raw_max_rows': raw_max_rows(),
        'ip_privacy': ip_privacy(),
        'user_agent_privacy': user_agent_privacy(),
        'fraud_threshold': fraud_threshold(),
    }) -}}
{% endmacro %}


{# What a variable is set to. A test of the data goes by what the data was built with, which may be another day. #}
{% macro setting(name) %}
    {%- if execute and model.resource_type != 'unit_test' and is_only_testing() -%}
        {%- set built_with = marked_build().settings or {} -%}
        {%- if name in built_with -%}
            {{- return(built_with[name]) -}}
        {%- endif -%}
    {%- endif -%}
    {{- return(var(name, none)) -}}
{% endmacro %}


{# Ends the run with one sentence if a variable is unknown or wrong. #}
{% macro check_settings() %}
    {%- set given = invocation_args_dict.get('vars') or {} -%}
    {%- for name, value in given.items() if value is none and excerpt(name | string) -%}
        {%- do fail('The variable ' ~ name ~ ' has no value: set it, or leave it out of --vars.') -%}
    {%- endfor -%}
    {%- set known = all_settings().keys() | list + ['sample_as_of_date', 'other_variables'] -%}
    {%- set others = var('other_variables', none) or [] -%}
    {%- if others is string or others is mapping or others is not iterable -%}
        {%- set others = bad_setting('other_variables', others | string, 'a list of names such as [my_variable]', []) -%}
    {%- endif -%}
    {%- set known = known + (others | list) -%}
    {%- for name in given -%}
        {%- if name not in known -%}
            {%- do fail(
                'There is no variable ' ~ (excerpt(name | string) or 'of a name in --vars') ~ ': did you mean '
                ~ nearest(name | string, known) ~ '? A variable of an installed package goes into other_variables '
                ~ 'in dbt_project.yml.'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{# The name of a list that shares most pairs of letters with a text. #}
{% macro nearest(text, names) %}
    {%- set best = {'name': names[0], 'likeness': -1} -%}
    {%- for name in names -%}
        {%- set shared = [] -%}
        {%- for index in range([text | length, 60] | min - 1) if text[index:index + 2] | lower in name -%}
            {%- do shared.append(index) -%}
        {%- endfor -%}
        {%- set likeness = shared | length / (text | length + name | length) -%}
        {%- if likeness > best.likeness -%}
            {%- do best.update({'name': name, 'likeness': likeness}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(best.name) -}}
{% endmacro %}


{# A text if it is short and looks like a word, a name or a number; else nothing, since it may be a secret. #}
{% macro excerpt(text) %}
    {%- set is_plain = modules.re.fullmatch('-?[0-9][0-9.:-]{0,11}|[A-Za-z]{1,15}([_/][A-Za-z]{1,15}){0,3}', text) -%}
    {{- return(text if is_plain else '') -}}
{% endmacro %}


{#
    An error once dbt runs. While it parses, a stand-in: the on-run-start hook is to say what is wrong, so that the
    database remembers that the build failed.
#}
{% macro bad_setting(name, value, expected, stand_in) %}
    {%- if execute -%}
        {%- set shown = excerpt(value) -%}
        {%- do fail(
            'The variable ' ~ name ~ ' is ' ~ ("'" ~ shown ~ "'" if shown else 'wrong') ~ ': set it to ' ~ expected
            ~ '.'
        ) -%}
    {%- endif -%}
    {{- return(stand_in) -}}
{% endmacro %}


{# Ends the run with a sentence; dbt adds the names of macros to its own errors. #}
{% macro fail(sentence) %}
    {{- adapter.dispatch('fail', 'refsync')(sentence) -}}
{% endmacro %}

{% macro duckdb__fail(sentence) %}
    {%- do adapter.store_relation('refsync_tracker', none, [], '', '', {'sentence': sentence}) -%}
{% endmacro %}


{#
    The first date that a model may show, for the models whose window of dates is a setting, as JSON. `refsync-push`
    does not take rows before it for lost: they are not wanted any more. With raw_days 0 it is after the as-of date.
#}
{% macro first_dates() %}
    {{- return(tojson({'tracker_raw_data': date_before(as_of_date(), raw_days() - 1)})) -}}
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


{#
    The date `days` before the as-of date, as SQL: 6 begins the last 7 days, which the as-of date ends. Before the year 1
    there is none.
#}
{% macro days_before_as_of(days) -%}
    cast('{{ date_before(as_of_date(), days) or '0001-01-01' }}' as date)
{%- endmacro %}
