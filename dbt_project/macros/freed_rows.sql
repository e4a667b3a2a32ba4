{#
    Has the DuckDB file rewritten, so that no row that a run deleted or replaced is left in its bytes. It runs before the
    build is marked as complete: a build whose old rows are still there is not.
#}
{% macro remove_freed_rows() %}
    {%- if execute and target.type == 'duckdb' and is_building() -%}
        {%- do adapter.store_relation('refsync_tracker', none, [], '', '', {'rewrite': true}) -%}
    {%- endif -%}
{% endmacro %}
