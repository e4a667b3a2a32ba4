{#
    What a build remembers on Spark, where a table of files can be added to and replaced, but neither updated nor
    written together with another.

    refsync_counted     what DuckDB keeps in refsync_parts and refsync_moved, which are views of it here: one partition
                        per run, and only the last one counts. A partition is there wholly or not at all.
    refsync_unfinished  the dates that a run sets out to count, one partition per run; those of a later run than the last
                        one that counted were left unfinished

    A run writes its dates down before it changes one of them, and what it counted after the last. Whenever it dies, its
    dates are counted again, by what is remembered of the run before.
#}

{% macro spark__prepare_recount(history) %}
    {% do drop_working_models() %}
    {% if load_relation(history) is none or flags.FULL_REFRESH %}
        {% do run_query('drop table if exists ' ~ target.schema ~ '.refsync_counted') %}
    {% endif %}
    {% do run_query(
        'create table if not exists ' ~ target.schema ~ '.refsync_counted (event_type string, event_id string, '
        ~ 'part_name string, part_version string, event_date date, run string) using parquet partitioned by (run)'
    ) %}
    {% do run_query(
        'create table if not exists ' ~ target.schema ~ '.refsync_unfinished (event_date date, run string) '
        ~ 'using parquet partitioned by (run)'
    ) %}
    {% do run_query(
        'create or replace view ' ~ counted_parts() ~ ' as '
        ~ 'select event_type, part_name, part_version, event_date from ' ~ target.schema ~ '.refsync_counted '
        ~ 'where run = ' ~ last_run_that_counted() ~ ' and event_type is not null and event_id is null'
    ) %}
    {% do run_query(
        'create or replace view ' ~ events_on_several_dates() ~ ' as '
        ~ 'select event_type, event_id, part_name, event_date from ' ~ target.schema ~ '.refsync_counted '
        ~ 'where run = ' ~ last_run_that_counted() ~ ' and event_id is not null'
    ) %}
{% endmacro %}


{# Not by the database's own end, as on DuckDB: what an earlier run found goes before the next one looks for it. #}
{% macro drop_working_models() %}
    {% for node in graph.nodes.values() if is_working(node) %}
        {% set relation = adapter.get_relation(node.database, node.schema, node.alias) %}
        {% if relation is not none %}
            {% do adapter.drop_relation(relation) %}
        {% endif %}
    {% endfor %}
{% endmacro %}


{% macro last_run_that_counted() -%}
    (select max(run) from {{ target.schema }}.refsync_counted)
{%- endmacro %}


{% macro this_run() -%}
    '{{ run_started_at.strftime("%Y%m%dT%H%M%S%f") }}'
{%- endmacro %}


{% macro spark__dates_left_unfinished() -%}
    (
        select event_date
        from {{ target.schema }}.refsync_unfinished
        where run > coalesce({{ last_run_that_counted() }}, '')
    )
{%- endmacro %}


{% macro spark__forget_dates_to_recount() %}
    {% set dates_to_recount = ref('int_dates_to_recount') %}
    {% if execute and is_incremental() and is_counted_in_this_run() %}
        {% if run_query('select 1 from ' ~ counted_parts() ~ ' limit 1').rows %}
            {% set dates = run_query('select event_date from ' ~ dates_to_recount).columns[0].values() %}
            {% do run_query(
                'insert overwrite table ' ~ target.schema ~ '.refsync_unfinished partition (run = ' ~ this_run() ~ ') '
                ~ 'select event_date from ' ~ dates_to_recount
            ) %}
        {% else %}
            {% set dates = run_query('select distinct event_date from ' ~ this).columns[0].values() %}
        {% endif %}
        {% for some in dates | batch(200) %}
            {% set partitions = [] %}
            {% for date in some %}
                {% do partitions.append("partition (event_date = date '" ~ date ~ "')") %}
            {% endfor %}
            {% do run_query('alter table ' ~ this ~ ' drop if exists ' ~ partitions | join(', ')) %}
        {% endfor %}
    {% endif %}
{% endmacro %}


{# One row says that this run counted even if there was nothing to count. #}
{% macro spark__remember_what_was_counted() %}
    {% set dated, moved = ref('int_parts_dated'), ref('int_events_on_several_dates') %}
    {% if execute %}
    {% do run_query(
        'insert overwrite table ' ~ target.schema ~ '.refsync_counted partition (run = ' ~ this_run() ~ ') '
        ~ 'select event_type, cast(null as string), part_name, part_version, event_date '
        ~ 'from ' ~ dated ~ ' union all '
        ~ 'select event_type, event_id, part_name, cast(null as string), event_date '
        ~ 'from ' ~ moved ~ ' union all '
        ~ 'select cast(null as string), cast(null as string), cast(null as string), cast(null as string), '
        ~ 'cast(null as date)'
    ) %}
    {% for table in ['refsync_counted', 'refsync_unfinished'] %}
        {#- `run=…` each, as Spark has it. -#}
        {% set partitions = run_query('show partitions ' ~ target.schema ~ '.' ~ table).columns[0].values() %}
        {% for partition in partitions if partition[4:] not in this_run() %}
            {% do run_query(
                'alter table ' ~ target.schema ~ '.' ~ table ~ " drop if exists partition (run = '"
                ~ partition[4:] ~ "')"
            ) %}
        {% endfor %}
    {% endfor %}
    {% endif %}
{% endmacro %}
