{#
    How tables and views are made in DuckDB: each is replaced in one transaction. dbt's own way builds it under another
    name, renames the old one and the new one and drops the old one, which is half of a run's statements.
#}

{% materialization table, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='table') -%}
    {%- call replacing(relation) -%}
        {%- if config.get('contract').enforced -%}
            {{- get_assert_columns_equivalent(sql) }}
            create or replace table {{ relation }} {{ get_table_columns_and_constraints() }};
            insert into {{ relation }} {{ get_column_names() }} ({{ get_select_subquery(sql) }})
        {%- else -%}
            create or replace table {{ relation }} as ({{ sql }})
        {%- endif -%}
    {%- endcall -%}
    {{- return({'relations': [relation]}) -}}
{% endmaterialization %}


{% materialization view, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='view') -%}
    {%- call replacing(relation) -%}
        create or replace view {{ relation }} as ({{ sql }})
    {%- endcall -%}
    {{- return({'relations': [relation]}) -}}
{% endmaterialization %}


{# Runs the statements of `caller`, in one transaction with the model's hooks. #}
{% macro replacing(relation) %}
    {{- run_hooks(pre_hooks) -}}
    {%- set statements = drop_if_another_kind(relation) ~ caller() -%}
    {%- call statement('main') -%}
        {{- statements -}}
    {%- endcall -%}
    {{- run_hooks(post_hooks) -}}
    {%- do persist_docs(relation, model) -%}
    {%- do adapter.commit() -%}
{% endmacro %}


{# A table does not replace a view, nor a view a table. #}
{% macro drop_if_another_kind(relation) %}
    {%- set existing = load_cached_relation(relation) -%}
    {%- if existing is not none and existing.type != relation.type -%}
        drop {{ existing.type }} {{ existing }};
    {%- endif -%}
{% endmacro %}
