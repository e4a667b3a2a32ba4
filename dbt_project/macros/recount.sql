{#
    What the daily history remembers of the events that it counted, so that the next build counts only the dates that
    changed. Two tables, written in the transaction that writes the history itself, and read by the models in
    models/intermediate/recount:

    refsync_parts   one row per part of the source and date that the part has events of
    refsync_moved   one row per part and date of each event whose copies lie on several dates
#}

{% macro counted_parts() %}
    {{- return(target.schema ~ '.refsync_parts') -}}
{% endmacro %}


{% macro moved_events() %}
    {{- return(target.schema ~ '.refsync_moved') -}}
{% endmacro %}


{# Nothing is remembered of a history that is not there, or that is to be made anew. #}
{% macro prepare_arrivals(history) %}
    {{- adapter.dispatch('prepare_arrivals', 'refsync')(history) -}}
{% endmacro %}

{% macro duckdb__prepare_arrivals(history) %}
    {% do run_query(
        'create table if not exists ' ~ counted_parts() ~ ' (event_type varchar, part_name varchar, '
        ~ 'part_version varchar, event_date date)'
    ) %}
    {% do run_query(
        'create table if not exists ' ~ moved_events() ~ ' (event_type varchar, event_id varchar, '
        ~ 'part_name varchar, event_date date)'
    ) %}
    {% if load_relation(history) is none or flags.FULL_REFRESH %}
        {% do run_query('delete from ' ~ counted_parts()) %}
        {% do run_query('delete from ' ~ moved_events()) %}
    {% endif %}
{% endmacro %}


{#
    Has what this build needs of the tracker's tables read or found, and ends the run with one sentence if it cannot be.
    Here the plugin reads a database, all of it at one moment; files are read where they lie.
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
    A part's version, and what else its counts depend on: the reporting zone, and the code that counts. If that changes,
    every part is new.
#}
{% macro counted_version(version) -%}
    {{ version }} || ' {{ counting_code() }}'
{%- endmacro %}


{% macro counting_code() %}
    {{- return(local_md5(tojson(counted_from(), sort_keys=true))) -}}
{% endmacro %}


{#
    The code that decides a count, by its name: the models that the daily history is counted from, every macro that they
    call, what shows them the tracker's tables, and the reporting zone.
#}
{% macro counted_from() %}
    {%- set found = {'reporting_timezone': reporting_timezone()} -%}
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


{# Of the zone its value is there already, and a sentence counts nothing. #}
{% macro add_macros(unique_ids, found) %}
    {%- for unique_id in unique_ids if unique_id.startswith('macro.' ~ project_name ~ '.') and unique_id not in found -%}
        {%- set name = unique_id.split('.')[2] -%}
        {%- if name not in ['reporting_timezone', 'fail'] -%}
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
    The names of the source's parts for one type of event: those to look at, and those counted before. There are none of
    either before the first build.
#}
{% macro parts_of(event_type) %}
    {%- set names = {'new': [], 'old': []} -%}
    {%- if execute and load_relation(source('tracker', 'parts')) is not none
        and adapter.get_relation(target.database, target.schema, 'refsync_parts') is not none -%}
        {%- set query -%}
            select
                parts.part,
                coalesce(bool_or(changed.is_there), false) as is_new
            from {{ source('tracker', 'parts') }} as parts
            left join ({{ changed_parts() }}) as changed
                on parts.event_type = changed.event_type and parts.part = changed.part_name
            where parts.event_type = '{{ event_type }}'
            group by parts.part
            order by parts.part
        {%- endset -%}
        {%- for name, is_new in run_query(query).rows -%}
            {%- do names['new' if is_new else 'old'].append(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(names) -}}
{% endmacro %}


{# True for the rows of parts that are new or changed. The names are literals, so that no other file is opened. #}
{% macro is_in_new_part(event_type, column='part_name') -%}
    {%- set parts = parts_of(event_type) -%}
    {{ 'true' if not parts['old'] else is_one_of(column, parts['new']) }}
{%- endmacro %}


{# True for the rows of parts that were counted before and are as they were. #}
{% macro is_in_old_part(event_type, column='part_name') -%}
    {{ is_one_of(column, parts_of(event_type)['old']) }}
{%- endmacro %}


{# True for the rows of new parts, if there are old ones that may hold other copies of their events. #}
{% macro may_have_been_seen(event_type, column='part_name') -%}
    {%- set parts = parts_of(event_type) -%}
    {{ is_one_of(column, parts['new'] if parts['old'] else []) }}
{%- endmacro %}


{# True where a column has one of these texts; no function and no subquery, which no file is left out for. #}
{% macro is_one_of(column, texts) -%}
    {%- if not texts -%}
        false
    {%- else -%}
        {{ column }} in (
            {%- for text in texts -%}
                {{ text_literal(text) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
        )
    {%- endif -%}
{%- endmacro %}


{#
    True for the events of the dates that are counted anew. `none` dates have no events; on `every` one nothing is left
    out. Otherwise the parts that hold such events are named, and the time that the dates span, so that all else is
    passed over unread.
#}
{% macro is_on_touched_date(event_type, instant, part='part_name') -%}
    {%- set touched = ref('int_dates_touched') -%}
    {%- set dated = ref('int_parts_dated') -%}
    {%- if not execute or not is_counted_in_this_run() -%}
        true
    {%- else -%}
        {%- set dates = run_query('select event_date from ' ~ touched ~ ' order by event_date').columns[0].values() -%}
        {%- set others -%}
            select count(*) from (
                select event_date from {{ dated }} where event_date is not null
                except
                select event_date from {{ touched }}
            ) as others
        {%- endset -%}
        {%- if not dates -%}
            false
        {%- elif run_query(others).rows[0][0] == 0 -%}
            true
        {%- else -%}
            {%- set parts -%}
                select distinct part_name
                from {{ dated }}
                where event_type = '{{ event_type }}' and event_date in (select event_date from {{ touched }})
                order by part_name
            {%- endset -%}
            {{ is_one_of(part, run_query(parts).columns[0].values()) }}
            and {{ is_between_dates(instant, dates[0], dates[-1]) }}
            and {{ reporting_date(instant) }} in (
                {%- for date in dates -%}
                    cast('{{ date }}' as date){{ ', ' if not loop.last }}
                {%- endfor -%}
            )
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#
    Whether this run itself has found out which dates to count. What it found is gone when the run ends, so that nobody
    counts by what another run found.
#}
{% macro is_counted_in_this_run() %}
    {%- set touched = load_relation(ref('int_dates_touched')) -%}
    {%- if touched is none and invocation_args_dict.get('which') in ['build', 'run'] -%}
        {%- do fail(
            'The daily history is counted together with what it is counted from: run `dbt build`, or select '
            ~ '+int_link_days_counted.'
        ) -%}
    {%- endif -%}
    {{- return(touched is not none) -}}
{% endmacro %}


{#
    Around the daily history, in its own transaction: first the touched dates leave it, those too that have no events any
    more; last it is written down what has been counted.
#}
{% macro forget_touched_dates() %}
    {{- adapter.dispatch('forget_touched_dates', 'refsync')() -}}
{% endmacro %}

{% macro duckdb__forget_touched_dates() %}
    {% set touched = ref('int_dates_touched') %}
    {% if execute and is_incremental() and is_counted_in_this_run() %}
    delete from {{ this }}
    where
        event_date in (select event_date from {{ touched }})
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
    delete from {{ moved_events() }};
    insert into {{ moved_events() }} (event_type, event_id, part_name, event_date)
    select event_type, event_id, part_name, event_date
    from {{ ref('int_events_moved') }}
{% endmacro %}


{# The dates that a build which did not finish was counting: they are to be counted again. #}
{% macro dates_left_unfinished() %}
    {{- return(adapter.dispatch('dates_left_unfinished', 'refsync')()) -}}
{% endmacro %}

{# There are none where history and memory are written in one transaction. #}
{% macro duckdb__dates_left_unfinished() -%}
    (select cast(null as date) as event_date where false)
{%- endmacro %}


{# A query for the events of which a copy lies before a date: they count there, whatever other copies say. #}
{% macro moved_before(event_type, date) -%}
    select event_id
    from {{ moved_events() }}
    where event_type = '{{ event_type }}'
    group by event_id
    having min(event_date) < cast('{{ date }}' as date)
{%- endmacro %}


{#
    The first date that the raw worksheet can show an event of: `raw_days` back, or less where the dates that follow have
    as many clicks, or as many signups, as are shown at all. The daily history tells.
#}
{% macro first_date_shown(days_more=0) %}
    {%- set first = date_before(as_of_date(), raw_days() - 1) -%}
    {%- set history = ref('int_link_days_counted') -%}
    {%- if execute and load_relation(history) is not none -%}
        {%- set query -%}
            with dates as (
                select event_date, sum(total_clicks) as clicks, sum(total_signups) as signups
                from {{ history }}
                where event_date between cast('{{ first }}' as date) and cast('{{ as_of_date() }}' as date)
                group by event_date
            ),
            counted as (
                select
                    event_date,
                    sum(clicks) over (order by event_date desc) as clicks_since,
                    sum(signups) over (order by event_date desc) as signups_since
                from dates
            )
            select cast(max(event_date) as {{ dbt.type_string() }})
            from counted
            where clicks_since >= {{ raw_max_rows() }} and signups_since >= {{ raw_max_rows() }}
        {%- endset -%}
        {%- set first = run_query(query).rows[0][0] or first -%}
    {%- endif -%}
    {{- return(date_before(first, days_more)) -}}
{% endmacro %}


{# `true` if a model has rows; `false` if not, so that what would be joined with them is not even read. #}
{% macro has_any(model_name) -%}
    {%- set relation = ref(model_name) -%}
    {%- if execute and load_relation(relation) is not none -%}
        {{ 'true' if run_query('select 1 from ' ~ relation ~ ' limit 1').rows else 'false' }}
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
