{#
    The mark of a build: one row in the table refsync_build. `refsync-push` pushes nothing unless its status is
    `complete`, so a build that failed, was killed or still runs never reaches a worksheet.

    status      `failed`, `building`, `testing` or `complete`
    failures    the models and tests that failed and have not passed since
    skipped     those that were to run, did not, and have not passed since
    settings    the variables and the source that the models were built with
    first_dates the first dates that models may show, where a setting says so
    tested      whether every test of the data has run since the data changed
#}

{% macro build_marker() %}
    {{- return(target.schema ~ '.refsync_build') -}}
{% endmacro %}


{% macro create_build_marker() %}
    {%- set types = marker_types() -%}
    {%- set columns = [] -%}
    {%- for name, type in types.items() -%}
        {%- do columns.append(name ~ ' ' ~ type) -%}
    {%- endfor -%}
    {%- do run_query(
        'create table if not exists ' ~ build_marker() ~ ' (' ~ columns | join(', ') ~ ')'
        ~ (' using parquet' if target.type == 'spark' else '')
    ) -%}
    {#- A database of an earlier version has not all of them. -#}
    {%- set known = run_query('select * from ' ~ build_marker() ~ ' limit 0').column_names | map('lower') | list -%}
    {%- for name, type in types.items() if name not in known -%}
        {%- do run_query('alter table ' ~ build_marker() ~ ' add column ' ~ name ~ ' ' ~ type) -%}
    {%- endfor -%}
{% endmacro %}


{% macro marker_types() %}
    {%- set text = 'string' if target.type == 'spark' else 'varchar' -%}
    {{- return({
        'status': text, 'command': text, 'started_at': 'timestamp', 'finished_at': 'timestamp', 'as_of_date': 'date',
        'failures': text, 'project': text, 'target': text, 'source': text, 'tested': 'boolean', 'skipped': text,
        'settings': text, 'first_dates': text,
    }) -}}
{% endmacro %}


{# The mark's row. Text in JSON, since dbt turns a column of text that looks like numbers into numbers. #}
{% macro marked_build() %}
    {%- set as_json = 'to_json(struct(*))' if target.type == 'spark' else 'cast(to_json(marker) as varchar)' -%}
    {%- set rows = run_query('select ' ~ as_json ~ ' as marker from ' ~ build_marker() ~ ' as marker').rows -%}
    {%- set build = fromjson(rows[0][0]) if rows else {'status': 'failed'} -%}
    {%- for name in ['failures', 'skipped'] -%}
        {%- do build.update({name: (build.get(name) or '').split(', ') | reject('equalto', '') | list}) -%}
    {%- endfor -%}
    {%- do build.update({'settings': fromjson(build.get('settings') or 'null')}) -%}
    {{- return(build) -}}
{% endmacro %}


{% macro mark_build(build) %}
    {%- set values = {} -%}
    {%- for name, type in marker_types().items() -%}
        {%- set value = build.get(name) -%}
        {%- if name in ['failures', 'skipped'] -%}
            {%- set value = value | join(', ') or none -%}
        {%- elif name == 'settings' and value is not none -%}
            {%- set value = tojson(value, sort_keys=true) -%}
        {%- endif -%}
        {%- do values.update({
            name: 'cast(' ~ ('null' if value is none else text_literal(value | string)) ~ ' as ' ~ type ~ ')',
        }) -%}
    {%- endfor -%}
    {%- do adapter.dispatch('write_mark', 'refsync')(values) -%}
{% endmacro %}

{#- One statement, so that a build that is killed leaves the old row or the new one. -#}
{% macro duckdb__write_mark(values) %}
    {%- set assignments = [] -%}
    {%- for name, value in values.items() -%}
        {%- do assignments.append(name ~ ' = ' ~ value) -%}
    {%- endfor -%}
    {%- do run_query(
        'insert into ' ~ build_marker() ~ " (status) select 'failed' where not exists (from " ~ build_marker() ~ ')'
    ) -%}
    {%- do run_query('update ' ~ build_marker() ~ ' set ' ~ assignments | join(', ')) -%}
{% endmacro %}


{% macro utc_now() %}
    {{- return(modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f')) -}}
{% endmacro %}
