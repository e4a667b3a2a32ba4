{#
    Working models (recount/ and raw_sheet/ in models/intermediate, by their tag) exist only while a build runs. Other
    commands do without them, and none takes an empty one for one with rows.
#}

{% macro is_working(node) %}
    {{- return(
        node.resource_type == 'model' and 'working' in node.tags and node.config.materialized != 'ephemeral'
    ) -}}
{% endmacro %}


{# A model is built together with the working models that it reads, or not at all. #}
{% macro check_selection() %}
    {%- for unique_id in selected('model') -%}
        {%- for parent in inputs_of(graph.nodes[unique_id]) if parent in graph.nodes and is_working(graph.nodes[parent])
            and parent not in selected_resources -%}
            {%- do fail(
                names_of([unique_id])[0] ~ ' is built together with ' ~ names_of([parent])[0]
                ~ ', which exists only while a build runs: run `dbt build`, or select +'
                ~ names_of([unique_id])[0] ~ '.'
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}


{# A unit test asks the database for the columns of what its model reads. No selected model reads one of these tables. #}
{% macro add_stand_ins() %}
    {{- adapter.dispatch('add_stand_ins', 'refsync')() -}}
{% endmacro %}

{% macro duckdb__add_stand_ins() %}
    {%- if selected('unit_test') -%}
        {%- for unique_id, node in graph.nodes.items() if is_working(node) and unique_id not in selected_resources -%}
            {%- set columns = [] -%}
            {%- for column in node.columns.values() -%}
                {%- do columns.append(column.name ~ ' ' ~ column.data_type) -%}
            {%- endfor -%}
            {%- do run_query(
                'create table if not exists ' ~ node.relation_name ~ ' (' ~ columns | join(', ') ~ ')'
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{# dbt's own macro for `dbt show`. A model that reads working models is shown as the last build left it. #}
{% macro get_show_sql(compiled_code, sql_header, limit) %}
    {%- set working = [] -%}
    {%- for parent in inputs_of(model) if parent in graph.nodes and is_working(graph.nodes[parent]) -%}
        {%- do working.extend(names_of([parent])) -%}
    {%- endfor -%}
    {%- set built = none -%}
    {%- if model.name != 'inline_query' and model.resource_type == 'model' and model.config.materialized != 'ephemeral' -%}
        {%- set built = adapter.get_relation(model.database, model.schema, model.alias) -%}
    {%- endif -%}
    {%- if working and built is none -%}
        {%- do fail(
            model.name ~ ' reads ' ~ working[0] ~ ', which exists only while a build runs: show a model in '
            ~ 'models/marts, after `dbt build`.'
        ) -%}
    {%- endif -%}
    {{- return(dbt.get_show_sql('select * from ' ~ built if working else compiled_code, sql_header, limit)) -}}
{% endmacro %}
