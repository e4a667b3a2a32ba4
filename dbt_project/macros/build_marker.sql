{#
    The build's own account of itself: one row in the table refsync_build. `refsync-push` pushes nothing unless its
    status is complete, so a build that failed, was killed or still runs never reaches a worksheet.
#}

{% macro build_marker() %}
    {{- return(target.schema ~ '.refsync_build') -}}
{% endmacro %}


{# Until the checks that follow are through, the build counts as failed. #}
{% macro mark_build_started() %}
    {{- adapter.dispatch('mark_build_started', 'refsync')() -}}
{% endmacro %}

{% macro duckdb__mark_build_started() %}
    create table if not exists {{ build_marker() }} (
        status varchar,
        command varchar,
        started_at timestamp,
        finished_at timestamp,
        as_of_date date,
        failures varchar
    );
    {%- for column in ['project varchar', 'target varchar', 'source varchar', 'tested boolean', 'skipped varchar'] %}
    {#- A database of an earlier version has not all of them. #}
    alter table {{ build_marker() }} add column if not exists {{ column }};
    {%- endfor %}
    insert into {{ build_marker() }} (status)
    select 'failed'
    where not exists (select 1 from {{ build_marker() }});
    update {{ build_marker() }}
    set
        status = 'failed',
        command = '{{ invocation_args_dict.get("which", "") }}',
        failures = {{ failures_at_start() }},
        started_at = timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S.%f") }}',
        finished_at = now() at time zone 'UTC'
{% endmacro %}


{#
    What failed before and is not put right yet. A build of everything puts everything right; one of a part, or of tests
    alone, cannot make up for one that was killed or never began.
#}
{% macro failures_at_start() -%}
    {%- set unfinished = "'an unfinished build'" -%}
    {%- set everything = not invocation_args_dict.get('select')
        and not invocation_args_dict.get('exclude') -%}
    {%- set command = invocation_args_dict.get('which') -%}
    {%- if command == 'build' and everything -%}
        null
    {%- elif command == 'run' and everything -%}
        nullif(trim(replace(failures, {{ unfinished }}, ''), ', '), '')
    {%- else -%}
        case
            when
                status = 'building'
                or (status = 'failed' and coalesce(failures, '') = '')
                then
                    concat_ws(
                        ', ',
                        nullif(trim(replace(failures, {{ unfinished }}, ''), ', '), ''),
                        {{ unfinished }}
                    )
            else failures
        end
    {%- endif -%}
{%- endmacro %}


{# What is wrong with the variables or the input ends the run here, in one sentence, before a model runs. #}
{% macro check_settings_and_input() %}
    {% set parts = source('tracker', 'parts') %}
    {% if execute %}
        {% do as_of_date() %}
        {% do reporting_timezone() %}
        {% do raw_days() %}
        {% do raw_max_rows() %}
        {% do ip_privacy() %}
        {% do read_tracker(parts) %}
        {{ mark_build_checked() }}
    {% endif %}
{% endmacro %}


{# The checks are through: from here on, a build that is killed stays `building`. #}
{% macro mark_build_checked() %}
    {{- adapter.dispatch('mark_build_checked', 'refsync')() -}}
{% endmacro %}

{% macro duckdb__mark_build_checked() %}
    update {{ build_marker() }}
    set
        status = 'building',
        finished_at = null
{% endmacro %}


{# Complete is a build of which nothing failed, nor in an earlier one without having been put right since. #}
{% macro mark_build_ended(results) %}
    {% if execute %}
        {{- adapter.dispatch('mark_build_ended', 'refsync')(failures_left(results)) -}}
    {% endif %}
{% endmacro %}

{% macro duckdb__mark_build_ended(failures) %}
    update {{ build_marker() }}
    set
        status = '{{ "failed" if failures else "complete" }}',
        {%- if invocation_args_dict.get('which') in ['build', 'run'] %}
        as_of_date = date '{{ as_of_date() }}',
        project = {{ text_literal(project_name) }},
        target = {{ text_literal(target.name) }},
        source = (select description from tracker.source),
        {%- endif %}
        finished_at = now() at time zone 'UTC',
        failures = {{ "'" ~ failures | join(', ') ~ "'" if failures else 'null' }}
{% endmacro %}


{# The names of the models and tests that failed, in this run or in an earlier one without being put right since. #}
{% macro failures_left(results) %}
    {% set marker = run_query(
        "select coalesce(failures, '') from " ~ build_marker()
    ).rows[0][0] %}
    {% set failures = marker.split(', ') | reject('equalto', '') | list %}
    {% for result in results if result.node.resource_type in ['model', 'test', 'unit_test'] %}
        {% if result.node.name in failures %}
            {% do failures.remove(result.node.name) %}
        {% endif %}
        {% if result.status not in ['success', 'pass', 'warn'] %}
            {% do failures.append(result.node.name) %}
        {% endif %}
    {% endfor %}
    {{- return(failures) -}}
{% endmacro %}
