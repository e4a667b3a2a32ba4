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

{% macro spark__prepare_arrivals() %}
    {% set history = ref('int_link_days_counted') %}
    {% if execute %}
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
        'create or replace view ' ~ moved_events() ~ ' as '
        ~ 'select event_type, event_id, part_name, event_date from ' ~ target.schema ~ '.refsync_counted '
        ~ 'where run = ' ~ last_run_that_counted() ~ ' and event_id is not null'
    ) %}
    {% endif %}
{% endmacro %}


{# Not by the database's own end, as on DuckDB: what an earlier run found goes before the next one looks for it. #}
{% macro drop_working_models() %}
    {% for node in graph.nodes.values()
        if node.resource_type == 'model' and node.package_name == 'refsync' and 'working' in node.fqn %}
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


{% macro spark__forget_touched_dates() %}
    {% set touched = ref('int_dates_touched') %}
    {% if execute and is_incremental() and is_counted_in_this_run() %}
        {% if run_query('select 1 from ' ~ counted_parts() ~ ' limit 1').rows %}
            {% set dates = run_query('select event_date from ' ~ touched).columns[0].values() %}
            {% do run_query(
                'insert overwrite table ' ~ target.schema ~ '.refsync_unfinished partition (run = ' ~ this_run() ~ ') '
                ~ 'select event_date from ' ~ touched
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
    {% set dated, moved = ref('int_parts_dated'), ref('int_events_moved') %}
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


{# The marker's one row, as it is. #}
{% macro marked_build() %}
    {%- set row = run_query(
        'select status, command, failures, cast(started_at as string), cast(finished_at as string), '
        ~ 'cast(as_of_date as string), project, target, source, tested, skipped from ' ~ build_marker()
    ).rows | first -%}
    {{- return({
        'status': row[0], 'command': row[1], 'failures': row[2], 'started_at': row[3], 'finished_at': row[4],
        'as_of_date': row[5], 'project': row[6], 'target': row[7], 'source': row[8], 'tested': row[9],
        'skipped': row[10],
    } if row else {'status': 'failed'}) -}}
{% endmacro %}


{# The marker's one row, anew. While it is replaced there is none, which says that a build has not finished. #}
{% macro mark_build(row) %}
    {%- set values = [] -%}
    {%- for name, type in [
        ('status', 'string'), ('command', 'string'), ('started_at', 'timestamp'), ('finished_at', 'timestamp'),
        ('as_of_date', 'date'), ('failures', 'string'), ('project', 'string'), ('target', 'string'),
        ('source', 'string'), ('tested', 'boolean'), ('skipped', 'string'),
    ] -%}
        {%- set value = row.get(name) -%}
        {%- do values.append('cast(' ~ ('null' if value is none else text_literal(value)) ~ ' as ' ~ type ~ ')') -%}
    {%- endfor -%}
    {%- do run_query('insert overwrite table ' ~ build_marker() ~ ' select ' ~ values | join(', ')) -%}
{% endmacro %}


{% macro spark__mark_build_started() %}
    {% if execute %}
    {% do run_query(
        'create table if not exists ' ~ build_marker() ~ ' (status string, command string, started_at timestamp, '
        ~ 'finished_at timestamp, as_of_date date, failures string, project string, target string, source string, '
        ~ 'tested boolean, skipped string) using parquet'
    ) %}
    {#- A database of an earlier version has not all of them. -#}
    {% set known = run_query('select * from ' ~ build_marker() ~ ' limit 0').column_names | map('lower') | list %}
    {% set columns = ['project string', 'target string', 'source string', 'tested boolean', 'skipped string'] %}
    {% for column in columns if column.split(' ')[0] not in known %}
        {% do run_query('alter table ' ~ build_marker() ~ ' add columns (' ~ column ~ ')') %}
    {% endfor %}
    {% set row = marked_build() %}
    {% set everything = not invocation_args_dict.get('select') and not invocation_args_dict.get('exclude') %}
    {% set command = invocation_args_dict.get('which') %}
    {% set earlier = (row.failures or '').split(', ')
        | reject('equalto', '') | reject('equalto', 'an unfinished build') | list %}
    {% if command == 'build' and everything %}
        {% set failures = [] %}
    {% elif command == 'run' and everything %}
        {% set failures = earlier %}
    {% elif row.status == 'building' or (row.status == 'failed' and not row.failures) %}
        {% set failures = earlier + ['an unfinished build'] %}
    {% else %}
        {% set failures = (row.failures or '').split(', ') | reject('equalto', '') | list %}
    {% endif %}
    {% do mark_build(dict(
        row, status='failed', command=command, failures=failures | join(', ') or none, started_at=utc_now(),
        finished_at=utc_now()
    )) %}
    {% endif %}
{% endmacro %}


{% macro spark__mark_build_checked() %}
    {% do mark_build(dict(marked_build(), status='building', finished_at=none)) %}
{% endmacro %}


{% macro spark__mark_build_ended(failures) %}
    {% set row = dict(
        marked_build(), status='failed' if failures else 'complete', failures=failures | join(', ') or none,
        finished_at=utc_now()
    ) %}
    {% if invocation_args_dict.get('which') in ['build', 'run'] %}
        {% do row.update({
            'as_of_date': as_of_date(), 'project': project_name, 'target': target.name,
            'source': 'files in ' ~ env_var('REFSYNC_RAW_DIR', ''),
        }) %}
    {% endif %}
    {% do mark_build(row) %}
{% endmacro %}


{% macro utc_now() %}
    {{- return(modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y-%m-%d %H:%M:%S.%f')) -}}
{% endmacro %}
