{# The first and the last step of a run, and what they find out for the mark of the build. #}

{#
    The first step of each run that builds or tests. A run that builds is marked as failed until its checks are through.
    A run that only tests changes nothing before its checks are through.
#}
{% macro start_run() %}
    {% set parts, history = source('tracker', 'parts'), ref('int_link_days_counted') %}
    {% if execute and (is_building() or is_only_testing()) %}
        {% do check_selection() %}
        {% do create_build_marker() %}
        {% set build = marked_build() %}
        {% set opened = build.failures %}
        {% if build.status == 'building' or (build.status == 'failed' and not build.failures and not build.skipped) %}
            {% set opened = opened + ['an unfinished build'] %}
        {% elif build.status == 'testing' %}
            {% set opened = opened + ['an unfinished test'] %}
        {% endif %}
        {% do build.update({'command': invocation_args_dict.get('which'), 'failures': opened | unique | list}) %}
        {% if is_building() %}
            {% do build.update({'started_at': utc_now()}) %}
            {% do mark_build(dict(build, status='failed', finished_at=utc_now())) %}
        {% endif %}
        {% do check_settings() %}
        {% if is_building() %}
            {% do prepare_recount(history) %}
            {% do read_tracker(parts) %}
            {% do mark_build(dict(build, status='building', finished_at=none)) %}
        {% else %}
            {% do check_that_build_is_tested(build) %}
            {% do read_tracker_for_tests(parts) %}
            {% do mark_build(dict(build, status='testing')) %}
        {% endif %}
        {% do add_stand_ins() %}
    {% endif %}
{% endmacro %}


{# Whether this run builds a model. In `dbt retry` nothing says which are selected. #}
{% macro is_building() %}
    {{- return(
        invocation_args_dict.get('which') in ['build', 'run']
        and (not selected_resources or selected('model') | length > 0)
    ) -}}
{% endmacro %}


{% macro is_only_testing() %}
    {%- set command = invocation_args_dict.get('which') -%}
    {{- return(command == 'test' or (command == 'build' and not is_building())) -}}
{% endmacro %}


{# The unique ids of the selected nodes of a type, without ephemeral models, which are not built. #}
{% macro selected(resource_type) %}
    {%- set found = [] -%}
    {%- for unique_id in selected_resources if unique_id.startswith(resource_type ~ '.') -%}
        {%- set node = graph.nodes.get(unique_id) -%}
        {%- if node is none or node.config.materialized != 'ephemeral' -%}
            {%- do found.append(unique_id) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{# The last step. A build is complete if nothing failed in it and no earlier failure is still open. #}
{% macro end_run(results) %}
    {% if execute and (is_building() or is_only_testing()) %}
        {% set build = marked_build() %}
        {% set outcome = outcome_of(results) %}
        {% if is_building() %}
            {% do build.update(built_with(build, outcome)) %}
        {% elif untested(outcome, []) | length == 0 %}
            {% do build.update({'tested': true}) %}
        {% endif %}
        {% do build.update(still_open(build, outcome)) %}
        {% set status = 'failed' if build.failures or build.skipped else 'complete' %}
        {% do mark_build(dict(build, status=status)) %}
        {% do say_warnings(results) %}
    {% endif %}
{% endmacro %}


{# Warns in the words of a test's meta. `refsync-push` says the same (export/refsync/marts/sentences.py). #}
{% macro say_warnings(results) %}
    {%- for result in results if result.status == 'warn' -%}
        {%- set meta = (result.node.config.meta or {}).get('refsync') or {} -%}
        {%- set words = meta.get('warning_of_one') if result.failures == 1 -%}
        {%- set words = words or meta.get('warning') -%}
        {%- if words -%}
            {%- do exceptions.warn(
                result.node.name ~ ': ' ~ words | replace('{count}', '{:,}'.format(result.failures))
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{# What the results say, as lists of unique ids. What was selected and has no result was skipped. #}
{% macro outcome_of(results) %}
    {%- set outcome = {'passed': [], 'failed': [], 'skipped': []} -%}
    {#- With --fail-fast, ephemeral models are among the skipped ones, and never among the passed. -#}
    {%- for result in results if result.node.resource_type in ['model', 'test', 'unit_test']
        and result.node.config.materialized != 'ephemeral' -%}
        {%- set kind = 'passed' if result.status in ['success', 'pass', 'warn']
            else 'skipped' if result.status == 'skipped' else 'failed' -%}
        {%- do outcome[kind].append(result.node.unique_id) -%}
    {%- endfor -%}
    {%- for unique_id in selected('model') + selected('test') + selected('unit_test') -%}
        {%- if unique_id not in outcome.passed + outcome.failed + outcome.skipped -%}
            {%- do outcome.skipped.append(unique_id) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(outcome) -}}
{% endmacro %}


{#
    What a run that built models adds to the mark. Worksheets agree only if they were built with the same settings from
    the same source: the others are open until they are built too.
#}
{% macro built_with(build, outcome) %}
    {%- set settings = dict(all_settings(), target=target.name, source=described_source()) -%}
    {%- set tables = nodes_of('model') -%}
    {%- set left = tables | reject('in', outcome.passed) | list -%}
    {%- set skipped = build.skipped -%}
    {%- if left and build.settings and build.settings != settings -%}
        {%- for unique_id in left if is_stale(graph.nodes[unique_id]) -%}
            {%- do skipped.extend(names_of([unique_id])) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set failures = build.failures -%}
    {#- dbt's `flags` know nothing of --sample and --defer. -#}
    {%- if flags.EMPTY -%}
        {%- do failures.append('a build of no rows') -%}
    {%- endif -%}
    {%- if invocation_args_dict.get('sample') -%}
        {%- do failures.append('a build of a sample') -%}
    {%- endif -%}
    {%- if invocation_args_dict.get('defer') and left -%}
        {%- do failures.append('a deferred build') -%}
    {%- endif -%}
    {{- return({
        'project': project_name, 'target': settings.target, 'source': settings.source, 'settings': settings,
        'as_of_date': settings.as_of_date, 'first_dates': first_dates(), 'finished_at': utc_now(),
        'tested': (not left or build.tested is true) and untested(outcome, outcome.passed) | length == 0,
        'skipped': skipped | unique | list, 'failures': failures | unique | list,
    }) -}}
{% endmacro %}


{# Whether nothing is left out of this run: by an option, or by a selector that is the default. #}
{% macro is_everything() %}
    {%- set left = nodes_of('model') + nodes_of('test') -%}
    {{- return(
        invocation_args_dict.get('which') == 'build' and selected_resources | length > 0
        and left | reject('in', selected_resources) | list | length == 0
        and not (
            invocation_args_dict.get('select') or invocation_args_dict.get('exclude')
            or invocation_args_dict.get('selector') or invocation_args_dict.get('resource_types')
            or invocation_args_dict.get('exclude_resource_types')
        )
    ) -}}
{% endmacro %}


{# A worksheet's model whose table an earlier build left. #}
{% macro is_stale(node) %}
    {{- return(
        node.config.meta.get('worksheet') is not none
        and adapter.get_relation(node.database, node.schema, node.alias) is not none
    ) -}}
{% endmacro %}


{# Tests of the data that did not run: all, or those that read one of these models, or the tracker itself. #}
{% macro untested(outcome, built) %}
    {%- set found = [] -%}
    {%- for unique_id in nodes_of('test') if unique_id not in outcome.passed + outcome.failed -%}
        {%- set inputs = inputs_of(graph.nodes[unique_id]) -%}
        {%- if not built or inputs | select('in', built) | list or inputs | select('in', graph.sources) | list -%}
            {%- do found.append(unique_id) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{# The failures and skips, of earlier runs too, that no run has passed since. #}
{% macro still_open(build, outcome) %}
    {%- set closed = names_of(outcome.passed) -%}
    {%- if nodes_of('model') | reject('in', outcome.passed) | list | length == 0 -%}
        {%- do closed.append('an unfinished build') -%}
        {%- if not flags.EMPTY and not invocation_args_dict.get('sample') -%}
            {%- do closed.extend(['a build of no rows', 'a build of a sample', 'a deferred build']) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if untested(outcome, []) | length == 0 -%}
        {%- do closed.append('an unfinished test') -%}
    {%- endif -%}
    {%- if is_everything() -%}
        {#- What has no result any more was removed from the project. -#}
        {%- for name in build.failures + build.skipped if ' ' not in name -%}
            {%- do closed.append(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set failures = (build.failures | reject('in', closed) | list + names_of(outcome.failed)) | unique | list -%}
    {%- set skipped = (build.skipped | reject('in', closed) | list + names_of(outcome.skipped)) | unique
        | reject('in', failures) | list -%}
    {{- return({'failures': failures, 'skipped': skipped}) -}}
{% endmacro %}


{# The unique ids of the project's tests, or of those of its models that are built. #}
{% macro nodes_of(resource_type) %}
    {%- set found = [] -%}
    {%- for unique_id, node in graph.nodes.items()
        if node.resource_type == resource_type and node.package_name == project_name
        and node.config.materialized != 'ephemeral' -%}
        {%- do found.append(unique_id) -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{% macro names_of(unique_ids) %}
    {%- set names = [] -%}
    {%- for unique_id in unique_ids -%}
        {%- do names.append(unique_id.split('.')[3 if unique_id.startswith('unit_test.') else 2]) -%}
    {%- endfor -%}
    {{- return(names) -}}
{% endmacro %}


{# What a node reads, as unique ids: tables, sources and views, and what is behind views and ephemeral models. #}
{% macro inputs_of(node) %}
    {%- set found = [] -%}
    {%- for unique_id in node.depends_on.nodes -%}
        {%- set parent = graph.nodes.get(unique_id) -%}
        {%- do found.append(unique_id) -%}
        {%- if parent and parent.config.materialized in ['view', 'ephemeral'] -%}
            {%- do found.extend(inputs_of(parent)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{# Tests go by what was built: they say nothing about another target, source or day. #}
{% macro check_that_build_is_tested(build) %}
    {%- set built_with = build.settings or {} -%}
    {%- if not build.started_at -%}
        {%- do fail('Nothing is built yet: run `dbt build`, which runs the tests too.') -%}
    {%- elif built_with and selected('test') -%}
        {%- if built_with.target != target.name -%}
            {%- do fail(
                'The last build is of the target ' ~ built_with.target ~ ': run `dbt test --target ' ~ built_with.target
                ~ '`, or build this target first.'
            ) -%}
        {%- elif do_tests_read_the_tracker() and built_with.source != described_source() -%}
            {%- do fail(
                'The last build was made from ' ~ (built_with.source or 'another source') ~ ', not from '
                ~ (described_source() or 'this source') ~ ': run `dbt build` before `dbt test`.'
            ) -%}
        {%- endif -%}
        {%- for name, value in (invocation_args_dict.get('vars') or {}).items() if name in built_with -%}
            {%- if value | string not in [built_with[name] | string, 'today', 'yesterday'] -%}
                {%- do fail(
                    'The last build was made with ' ~ name ~ ' ' ~ built_with[name] ~ ': leave ' ~ name
                    ~ ' out of the variables of `dbt test`, or run `dbt build` with it.'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{# Where the tracker's tables come from, in words. #}
{% macro described_source() %}
    {{- return(adapter.dispatch('described_source', 'refsync')()) -}}
{% endmacro %}

{% macro duckdb__described_source() %}
    {{- return(run_query('select description from tracker.source').rows[0][0] or '') -}}
{% endmacro %}
