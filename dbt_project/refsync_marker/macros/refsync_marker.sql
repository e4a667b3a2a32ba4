{#
    One row in the table refsync_build, in the target's schema: what came of the last commands that build or test.
    `refsync-push` pushes nothing unless its status is `complete`. In dbt_project.yml:

        on-run-start: "{{ refsync_marker.begin() }}"
        on-run-end: "{{ refsync_marker.finish(results) }}"

    status      `building`, `testing`, `failed` or `complete`
    failures    what failed, an unfinished command, and a build of no rows or of a sample, until it passes
    skipped     what was to run, did not, and has not passed since
#}

{% macro begin() %}
    {% if execute and refsync_marker.counts() %}
        {% if not refsync_marker.relation() %}
            {% do refsync_marker.write(
                'create table ' ~ target.schema ~ '.refsync_build (status ' ~ dbt.type_string() ~ ', command '
                ~ dbt.type_string() ~ ', finished_at ' ~ dbt.type_timestamp() ~ ', failures ' ~ dbt.type_string()
                ~ ', skipped ' ~ dbt.type_string() ~ ', project ' ~ dbt.type_string() ~ ', target ' ~ dbt.type_string()
                ~ ')'
            ) %}
        {% endif %}
        {% set build = refsync_marker.last() %}
        {% set failures = build.failures %}
        {% if build.status in ['building', 'testing'] %}
            {% do failures.append('an unfinished ' ~ ('build' if build.status == 'building' else 'test')) %}
        {% endif %}
        {% set status = 'testing' if invocation_args_dict.which == 'test' else 'building' %}
        {% do refsync_marker.mark(status, failures | unique | list, build.skipped) %}
    {% endif %}
{% endmacro %}


{% macro finish(results) %}
    {% if execute and refsync_marker.counts() %}
        {% set build = refsync_marker.last() %}
        {% set passed, failed, skipped = [], [], [] %}
        {% for result in results if result.node.resource_type in ['model', 'seed', 'snapshot', 'test', 'unit_test'] %}
            {% set kind = passed if result.status in ['success', 'pass', 'warn', 'no-op']
                else skipped if result.status == 'skipped' else failed %}
            {% do kind.append(result.node.name) %}
        {% endfor %}
        {% set closed = passed + refsync_marker.finished(passed) %}
        {% if refsync_marker.is_everything() %}
            {#- What has no result any more was removed from the project. -#}
            {% do closed.extend((build.failures + build.skipped) | reject('in', closed) | list) %}
        {% endif %}
        {% set failures = (build.failures | reject('in', closed) | list + failed + refsync_marker.partial())
            | unique | list %}
        {% set skipped = (build.skipped | reject('in', closed) | list + skipped) | unique
            | reject('in', failures) | list %}
        {% do refsync_marker.mark('failed' if failures or skipped else 'complete', failures, skipped) %}
    {% endif %}
{% endmacro %}


{% macro counts() %}
    {{- return(invocation_args_dict.which in ['build', 'run', 'test', 'seed', 'snapshot', 'retry']) -}}
{% endmacro %}


{# What this command leaves in the tables, if it is not all of their rows. #}
{% macro partial() %}
    {{- return(
        (['a build of no rows (--empty)'] if invocation_args_dict.get('empty') else [])
        + (['a build of a sample (--sample)'] if invocation_args_dict.get('sample') else [])
    ) -}}
{% endmacro %}


{# Which earlier commands this one makes up for: all of the project's models, or all of its tests, have passed. #}
{% macro finished(passed) %}
    {%- set left = {'model': [], 'snapshot': [], 'test': []} -%}
    {%- for node in graph.nodes.values() if node.package_name == project_name and node.resource_type in left
        and node.config.materialized != 'ephemeral' and node.name not in passed -%}
        {%- do left[node.resource_type].append(node.name) -%}
    {%- endfor -%}
    {{- return(
        ([] if left.model else ['an unfinished build']) + ([] if left.test else ['an unfinished test'])
        + ([] if left.model or left.snapshot else ['a build of no rows (--empty)', 'a build of a sample (--sample)'])
    ) -}}
{% endmacro %}


{# Whether nothing is left out: by an option, or by a selector that is the project's default. #}
{% macro is_everything() %}
    {%- set options = [] -%}
    {%- for unique_id, node in graph.nodes.items() if unique_id not in selected_resources
        and node.resource_type in ['model', 'seed', 'snapshot', 'test'] and node.config.materialized != 'ephemeral' -%}
        {%- do options.append(unique_id) -%}
    {%- endfor -%}
    {%- for name in ['select', 'exclude', 'selector', 'resource_types', 'exclude_resource_types'] -%}
        {%- if invocation_args_dict.get(name) -%}
            {%- do options.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(invocation_args_dict.which == 'build' and not options) -}}
{% endmacro %}


{% macro relation() %}
    {{- return(adapter.get_relation(target.database, target.schema, 'refsync_build')) -}}
{% endmacro %}


{% macro last() %}
    {%- set rows = run_query('select status, failures, skipped from ' ~ target.schema ~ '.refsync_build').rows -%}
    {%- set row = rows[0] if rows else ['new', '', ''] -%}
    {{- return({
        'status': row[0], 'failures': (row[1] or '').split(', ') | reject('equalto', '') | list,
        'skipped': (row[2] or '').split(', ') | reject('equalto', '') | list,
    }) -}}
{% endmacro %}


{# One transaction, so that a build that is killed leaves the old row or the new one. #}
{% macro mark(status, failures, skipped) %}
    {%- set now = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f') -%}
    {%- set values = [
        status, invocation_args_dict.which, now, failures | join(', '), skipped | join(', '), project_name, target.name,
    ] -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- set literal = "'" ~ (value | string | replace("'", "''")) ~ "'" -%}
        {%- do literals.append('cast(' ~ literal ~ ' as ' ~ dbt.type_timestamp() ~ ')' if loop.index == 3 else literal) -%}
    {%- endfor -%}
    {%- set table = target.schema ~ '.refsync_build' -%}
    {%- do refsync_marker.write(
        'delete from ' ~ table ~ ' where 1 = 1', 'insert into ' ~ table ~ ' values (' ~ literals | join(', ') ~ ')'
    ) -%}
{% endmacro %}


{% macro write() %}
    {%- for statement_text in varargs -%}
        {%- call statement(auto_begin=true) -%}{{ statement_text }}{%- endcall -%}
    {%- endfor -%}
    {%- do adapter.commit() -%}
{% endmacro %}
