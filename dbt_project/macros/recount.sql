{#
    What the daily history remembers of the events that it counted, so that the next build counts only the dates that
    changed. Two tables, written in the transaction that writes the history itself, and read by the models in
    models/intermediate/recount:

    refsync_parts   one row per part of the source and date that the part has events of
    refsync_moved   one row per part and date of each event that has copies on several dates
#}

{% macro counted_parts() %}
    {{- return(target.schema ~ '.refsync_parts') -}}
{% endmacro %}


{% macro events_on_several_dates() %}
    {{- return(target.schema ~ '.refsync_moved') -}}
{% endmacro %}


{# Nothing is remembered of a history that is missing, or that is counted from nothing. #}
{% macro prepare_recount(history) %}
    {{- adapter.dispatch('prepare_recount', 'refsync')(history) -}}
    {%- do add_columns(history) -%}
{% endmacro %}


{#
    A history of an earlier version gets the columns that it lacks. They are empty until all dates are counted again in
    the same build, because the code that counts has changed too.
#}
{% macro add_columns(history) %}
    {%- if load_relation(history) is not none -%}
        {%- set existing = run_query('select * from ' ~ history ~ ' limit 0').column_names | map('lower') | list -%}
        {%- for column in graph.nodes['model.' ~ project_name ~ '.int_link_days_counted'].columns.values()
            if column.name not in existing -%}
            {%- do run_query('alter table ' ~ history ~ ' add column ' ~ column.name ~ ' ' ~ column.data_type) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}

{% macro duckdb__prepare_recount(history) %}
    {% do run_query(
        'create table if not exists ' ~ counted_parts() ~ ' (event_type varchar, part_name varchar, '
        ~ 'part_version varchar, event_date date)'
    ) %}
    {% do run_query(
        'create table if not exists ' ~ events_on_several_dates() ~ ' (event_type varchar, event_id varchar, '
        ~ 'part_name varchar, event_date date)'
    ) %}
    {% if load_relation(history) is none or flags.FULL_REFRESH %}
        {% do run_query('delete from ' ~ counted_parts()) %}
        {% do run_query('delete from ' ~ events_on_several_dates()) %}
    {% endif %}
{% endmacro %}


{#
    Has what this build needs of the tracker's tables read or found, and ends the run with one sentence if it cannot be.
    Here the plugin reads a database, all of it at one moment; files are read where they are.
#}
{% macro read_tracker(parts) %}
    {{- adapter.dispatch('read_tracker', 'refsync')(parts) -}}
{% endmacro %}

{% macro duckdb__read_tracker(parts) %}
    {%- set margin = 0 if reporting_timezone() == 'UTC' else 1 -%}
    {%- set last = modules.datetime.datetime.strptime(as_of_date(), '%Y-%m-%d') -%}
    {%- set day = modules.datetime.timedelta(days=1) -%}
    {%- do adapter.store_relation(
        'refsync_tracker', parts, [], '', '', {
            'changed_parts': changed_parts(),
            'margin': 2 * margin,
            'shown_from': (last - day * (raw_days() - 1 + margin)) | string ~ '+00',
            'shown_until': (last + day * (1 + margin)) | string ~ '+00',
            'surely_shown_until': (last + day * (1 - margin)) | string ~ '+00',
            'most_shown': raw_max_rows(),
        }
    ) -%}
    {%- do check_input() -%}
{% endmacro %}


{# The same for tests, which need no events: only those that read the tracker's tables need it at all. #}
{% macro read_tracker_for_tests(parts) %}
    {%- if target.type == 'duckdb' and do_tests_read_the_tracker() -%}
        {%- do adapter.store_relation('refsync_tracker', parts, [], '', '', none) -%}
        {%- do check_input() -%}
    {%- endif -%}
{% endmacro %}


{% macro do_tests_read_the_tracker() %}
    {%- for unique_id in selected('test') -%}
        {%- if inputs_of(graph.nodes[unique_id]) | select('in', graph.sources) | list -%}
            {{- return(true) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return(selected('unit_test') | length > 0 or not selected_resources) -}}
{% endmacro %}


{% macro check_input() %}
    {%- for row in run_query('select sentence from tracker.problem').rows -%}
        {%- do fail(row[0]) -%}
    {%- endfor -%}
{% endmacro %}


{#
    A part's version, and what else its counts depend on: the reporting zone, the threshold of suspicion, and the code
    that counts. If that changes, every part is new.
#}
{% macro counted_version(version) -%}
    {{ version }} || ' {{ counting_code() }}'
{%- endmacro %}


{% macro counting_code() %}
    {{- return(local_md5(tojson(counted_from(), sort_keys=true))) -}}
{% endmacro %}


{#
    The code that decides a count, by its name: the models that the daily history is counted from, every macro that they
    call, what shows them the tracker's tables, and the settings that they read.
#}
{% macro counted_from() %}
    {%- set found = {'reporting_timezone': reporting_timezone(), 'fraud_threshold': fraud_threshold()} -%}
    {%- if execute -%}
        {%- do found.update({'source': code_of_source()}) -%}
        {%- do add_models(['model.' ~ project_name ~ '.int_link_days_counted'], found) -%}
    {%- endif -%}
    {{- return(found) -}}
{% endmacro %}


{% macro add_models(unique_ids, found) %}
    {%- for unique_id in unique_ids if unique_id in graph.nodes and unique_id not in found -%}
        {%- set node = graph.nodes[unique_id] -%}
        {%- do found.update({unique_id: node.raw_code}) -%}
        {%- do add_macros(node.depends_on.macros, found) -%}
        {%- do add_models(node.depends_on.nodes, found) -%}
    {%- endfor -%}
{% endmacro %}


{# Of the settings their values are there already, and a sentence counts nothing. #}
{% macro add_macros(unique_ids, found) %}
    {%- for unique_id in unique_ids if unique_id.startswith('macro.' ~ project_name ~ '.') and unique_id not in found -%}
        {%- set name = unique_id.split('.')[2] -%}
        {%- if name not in ['reporting_timezone', 'fraud_threshold', 'fail'] -%}
            {%- set macro = context[name].macro -%}
            {%- do found.update({unique_id: macro.macro_sql}) -%}
            {%- do add_macros(macro.depends_on.macros, found) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}


{# A text that differs where the code does that shows dbt the tracker's tables. #}
{% macro code_of_source() %}
    {{- return(adapter.dispatch('code_of_source', 'refsync')()) -}}
{% endmacro %}

{% macro duckdb__code_of_source() %}
    {{- return(run_query('select code from tracker.source').rows[0][0]) -}}
{% endmacro %}


{# A query for the parts that came, went or changed: what the next build has to look at. #}
{% macro changed_parts() %}
    {%- set parts -%}
        select event_type, part as part_name, {{ counted_version('version') }} as part_version
        from {{ source('tracker', 'parts') }}
        where event_type is not null
    {%- endset -%}
    {%- set counted -%}
        select event_type, part_name, part_version from {{ counted_parts() }}
    {%- endset -%}
    select event_type, part_name, true as is_there from ({{ parts }} except {{ counted }}) as new_parts
    union
    select event_type, part_name, false as is_there from ({{ counted }} except {{ parts }}) as gone_parts
{% endmacro %}


{#
    True for the events of the parts that have a date to recount. Their names are literals, since by a join DuckDB leaves
    out files of Parquet, but not of text.
#}
{% macro is_in_part_to_recount(column) -%}
    {%- set dates, dated = ref('int_dates_to_recount'), ref('int_parts_dated') -%}
    {%- if execute and load_relation(dates) is not none -%}
        {%- set names = [] -%}
        {%- for row in run_query(
            'select distinct part_name from ' ~ dated ~ ' where event_date in (select event_date from ' ~ dates ~ ')'
        ).rows -%}
            {%- do names.append(text_literal(row[0])) -%}
        {%- endfor -%}
        {{ column }} in ({{ names | sort | join(', ') or 'null' }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}


{#
    Whether this run itself has found out which dates to count. What it found is gone when the run ends, so that nobody
    counts by what another run found.
#}
{% macro is_counted_in_this_run() %}
    {%- set dates = load_relation(ref('int_dates_to_recount')) -%}
    {%- if dates is none and invocation_args_dict.get('which') in ['build', 'run'] -%}
        {%- do fail(
            'The daily history is counted together with what it is counted from: run `dbt build`, or select '
            ~ '+int_link_days_counted.'
        ) -%}
    {%- endif -%}
    {{- return(dates is not none) -}}
{% endmacro %}


{#
    Around the daily history, in its own transaction: first the touched dates leave it, those too that have no events any
    more; last it is written down what has been counted.
#}
{% macro forget_dates_to_recount() %}
    {{- adapter.dispatch('forget_dates_to_recount', 'refsync')() -}}
{% endmacro %}

{% macro duckdb__forget_dates_to_recount() %}
    {% set dates = ref('int_dates_to_recount') %}
    {% if execute and is_incremental() and is_counted_in_this_run() %}
    delete from {{ this }}
    where
        event_date in (select event_date from {{ dates }})
        or not exists (select 1 from {{ counted_parts() }})
    {% endif %}
{% endmacro %}


{% macro remember_what_was_counted() %}
    {{- adapter.dispatch('remember_what_was_counted', 'refsync')() -}}
{% endmacro %}

{% macro duckdb__remember_what_was_counted() %}
    delete from {{ counted_parts() }};
    insert into {{ counted_parts() }} (event_type, part_name, part_version, event_date)
    select event_type, part_name, part_version, event_date
    from {{ ref('int_parts_dated') }};
    delete from {{ events_on_several_dates() }};
    insert into {{ events_on_several_dates() }} (event_type, event_id, part_name, event_date)
    select event_type, event_id, part_name, event_date
    from {{ ref('int_events_on_several_dates') }}
{% endmacro %}


{# The dates that a build which did not finish was counting: they are to be counted again. #}
{% macro dates_left_unfinished() %}
    {{- return(adapter.dispatch('dates_left_unfinished', 'refsync')()) -}}
{% endmacro %}

{# There are none where history and memory are written in one transaction. #}
{% macro duckdb__dates_left_unfinished() -%}
    (select cast(null as date) as event_date where false)
{%- endmacro %}


{# A query for the events that have a copy before the raw worksheet's dates: they count there, whatever others say. #}
{% macro counted_before_raw_dates(event_type, dates) -%}
    select event_id
    from {{ events_on_several_dates() }}
    where event_type = '{{ event_type }}'
    group by event_id
    having min(event_date) < (select min(first_date) from {{ dates }})
{%- endmacro %}


{# True for the events of the dates that the raw worksheet can show. #}
{% macro is_on_raw_dates(dates) -%}
    {{ is_near_dates('occurred_at', dates, 'first_date', 'last_date') }}
    and event_date >= (select min(first_date) from {{ dates }})
    and event_date <= (select max(last_date) from {{ dates }})
{%- endmacro %}
