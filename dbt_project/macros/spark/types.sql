{#
    Contracts and the fixtures of unit tests name types as DuckDB does. These are the places at which dbt makes SQL of
    them; what a model says passes here as well, and names no type but those that both engines know.
#}

{% macro with_types_of_spark(sql) %}
    {%- set sql = modules.re.sub('(?i) as (timestamptz|timestamp with time zone)[)]', ' as timestamp)', sql) -%}
    {{- return(modules.re.sub('(?i) as varchar[)]', ' as string)', sql)) -}}
{% endmacro %}


{% macro spark__get_empty_schema_sql(columns) %}
    {{- return(with_types_of_spark(default__get_empty_schema_sql(columns))) -}}
{% endmacro %}


{% macro spark__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
    {{- return(with_types_of_spark(default__get_empty_subquery_sql(select_sql, select_sql_header))) -}}
{% endmacro %}


{% macro spark__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) %}
    {{- return(with_types_of_spark(
        default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names)
    )) -}}
{% endmacro %}
