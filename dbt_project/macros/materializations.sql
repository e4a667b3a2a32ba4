{#
    How tables and views are made in DuckDB: each is replaced in one transaction. dbt's own way builds it under another
    name, renames the old one and the new one and drops the old one, which is half of a run's statements.
#}

{% materialization table, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='table') -%}
    {{- run_hooks(pre_hooks) -}}
    {%- call statement('main') -%}
        {%- if config.get('contract').enforced -%}
            {{- get_assert_columns_equivalent(sql) -}}
        {%- endif -%}
        {{- drop_if_another_kind(relation) }}
        create or replace table {{ relation }}
        {%- if config.get('contract').enforced %}
            {{- get_table_columns_and_constraints() }};
            insert into {{ relation }} {{ get_column_names() }} ({{ get_select_subquery(sql) }})
        {%- else %} as ({{ sql }})
        {%- endif -%}
    {%- endcall -%}
    {{- run_hooks(post_hooks) -}}
    {%- do persist_docs(relation, model) -%}
    {%- do adapter.commit() -%}
    {{- return({'relations': [relation]}) -}}
{% endmaterialization %}


{% materialization view, adapter='duckdb' %}
    {%- set relation = this.incorporate(type='view') -%}
    {{- run_hooks(pre_hooks) -}}
    {%- call statement('main') -%}
        {{- drop_if_another_kind(relation) }}
        create or replace view {{ relation }} as ({{ sql }})
    {%- endcall -%}
    {{- run_hooks(post_hooks) -}}
    {%- do persist_docs(relation, model) -%}
    {%- do adapter.commit() -%}
    {{- return({'relations': [relation]}) -}}
{% endmaterialization %}


{# A table does not replace a view, nor a view a table. #}
{% macro drop_if_another_kind(relation) %}
    {%- set existing = load_cached_relation(relation) -%}
    {%- if existing is not none and existing.type != relation.type -%}
        drop {{ existing.type }} {{ existing }};
    {%- endif -%}
{% endmacro %}
