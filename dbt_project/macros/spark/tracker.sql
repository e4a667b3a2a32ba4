{#
    The tracker's tables on Spark, as files on storage that the cluster sees. In the schema that goes by the target's
    with `_tracker` behind it, a run makes

    <table>         a view with the columns that refsync reads, each row with the name of its part
    <table>_<n>     external tables behind it, one per format and layout of the parts
    parts           one row per part, with its version and its layout, which is looked up once

    just as the plugin shows them on DuckDB. What is wrong with the input ends the run in one sentence.
#}

{% macro spark__read_tracker(parts) %}
    {%- set root = env_var('REFSYNC_RAW_DIR', '').rstrip('/') -%}
    {%- if not root -%}
        {{ exceptions.raise_compiler_error(
            "REFSYNC_RAW_DIR is not set: set it to the path or URL, as the cluster sees it, of the folder that holds "
            ~ "the tracker's tables."
        ) }}
    {%- endif -%}
    {%- if graph.nodes['model.refsync.stg_tracker__signups'].config.meta.has_email_key -%}
        {{ exceptions.raise_compiler_error(
            "REFSYNC_EMAIL_KEY does not work on Spark, whose logs would have the key: unset it, or let the tracker hash "
            ~ "the addresses itself, as user_email_hash."
        ) }}
    {%- endif -%}
    {%- set schema = parts.schema -%}
    {%- do run_query('create schema if not exists ' ~ schema) -%}
    {%- set create_parts = 'create table if not exists ' ~ parts ~ ' (event_type string, part string, version string, '
        ~ 'is_new boolean, table_name string, layout string) using parquet' -%}
    {%- do run_query(create_parts) -%}
    {%- if 'is_new' not in run_query('select * from ' ~ parts ~ ' limit 0').column_names -%}
        {#- An earlier version of refsync made it. -#}
        {%- do run_query('drop table ' ~ parts) -%}
        {%- do run_query(create_parts) -%}
    {%- endif -%}
    {%- set counted = [] -%}
    {%- for part, version in run_query('select distinct part_name, part_version from ' ~ counted_parts()).rows -%}
        {%- do counted.append((part, version)) -%}
    {%- endfor -%}
    {%- set known = {} -%}
    {%- for part, version, layout in run_query('select part, version, layout from ' ~ parts).rows -%}
        {%- do known.update({(part, version): layout}) -%}
    {%- endfor -%}
    {%- set files = files_below(root, schema) -%}
    {%- set rows = [] -%}
    {%- for table in graph.sources.values() if table.source_name == 'tracker' and table.name != 'parts' -%}
        {%- set found = parts_of_table(table, root, files.versions) -%}
        {%- set layouts = {} -%}
        {%- set new_files, new_parts = [], [] -%}
        {%- for part, version in found.items() if part.endswith('.parquet') and (part, version) not in known -%}
            {%- do new_files.append(part) -%}
        {%- endfor -%}
        {%- set columns = columns_of_parquet_files(new_files, root, schema) -%}
        {%- for part, version in found.items() -%}
            {%- set layout = known.get((part, version)) -%}
            {%- do layouts.update({
                part: fromjson(layout) if layout else layout_of(table, part, root, columns.get(part)),
            }) -%}
            {%- set is_new = (part, version ~ ' ' ~ counting_code()) not in counted -%}
            {%- do rows.append([
                table.config.meta.get('event_type'), part, version, is_new, table.name, tojson(layouts[part]),
            ]) -%}
            {%- do new_parts.append(part) if is_new -%}
        {%- endfor -%}
        {%- do show_table(table, root, layouts, new_parts, files.prefix) -%}
    {%- endfor -%}
    {%- set values = [] -%}
    {%- for row in rows -%}
        {%- set texts = [] -%}
        {%- for value in row -%}
            {%- do texts.append('cast(null as string)' if value is none else value if value is boolean else text_literal(value)) -%}
        {%- endfor -%}
        {%- do values.append('(' ~ texts | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- do run_query('insert overwrite table ' ~ parts ~ ' values ' ~ values | join(', ')) -%}
{% endmacro %}


{# Every file below the folder: `versions` by its path in the folder, and `prefix`, what is before that in a URL. #}
{% macro files_below(root, schema) %}
    {%- set listing = schema ~ '.files' -%}
    {%- do run_query('drop table if exists ' ~ listing) -%}
    {%- do run_query(
        'create table ' ~ listing ~ ' using binaryFile options (path ' ~ text_literal(pattern_of(root))
        ~ ", recursiveFileLookup 'true')"
    ) -%}
    {%- set rows = run_query(
        'select ' ~ file_path() ~ ', cast(_metadata.file_size as string), '
        ~ 'cast(unix_micros(_metadata.file_modification_time) as string) from ' ~ listing
    ).rows -%}
    {%- set place = modules.re.sub('^file:/+', '/', root) ~ '/' -%}
    {%- set found = {'versions': {}, 'prefix': ''} -%}
    {%- for path, size, time in rows if place in path -%}
        {%- set before, name = path.split(place, 1) -%}
        {%- do found.versions.update({name: size ~ '-' ~ time ~ ' ' ~ root}) -%}
        {%- do found.update({'prefix': before ~ place}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{# The path of a row's file, with what is escaped in a URL written out; a plus sign is none of it. #}
{% macro file_path() -%}
    url_decode(replace(_metadata.file_path, '+', '%2B'))
{%- endmacro %}


{# The parts of a table among the files, with their versions. #}
{% macro parts_of_table(table, root, versions) %}
    {%- set found = {} -%}
    {%- set whole = [] -%}
    {%- for name in versions | sort -%}
        {%- if name in [table.name ~ '.csv', table.name ~ '.parquet', table.name ~ '.jsonl'] -%}
            {%- do whole.append(name) -%}
            {%- do found.update({name: versions[name]}) -%}
        {%- elif name.startswith(table.name ~ '/') -%}
            {%- do found.update({name: versions[name]}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name in found if not name.endswith(('.csv', '.parquet', '.jsonl')) -%}
        {{ exceptions.raise_compiler_error(
            table.name ~ ': ' ~ name ~ ' is not a file that refsync reads: parts end in .csv, .parquet or .jsonl; move '
            ~ 'it out of the folder.'
        ) }}
    {%- endfor -%}
    {%- if whole and found | length > 1 -%}
        {{ exceptions.raise_compiler_error(
            table.name ~ ': ' ~ root ~ ' holds both ' ~ whole[0] ~ ' and '
            ~ (whole[1] if whole | length > 1 else 'a folder ' ~ table.name ~ '/') ~ ': keep one of them.'
        ) }}
    {%- endif -%}
    {%- if not found -%}
        {{ exceptions.raise_compiler_error(
            table.name ~ ': no such table in ' ~ root ~ ': export it as a file ' ~ table.name
            ~ '.csv, .parquet or .jsonl, or as a folder ' ~ table.name ~ '/ of such parts.'
        ) }}
    {%- endif -%}
    {{- return(found) -}}
{% endmacro %}


{# What Spark takes for this path alone: it takes every path for a pattern. #}
{% macro pattern_of(path) %}
    {{- return(modules.re.sub('([][*?{},^\\\\])', '\\\\\\1', path)) -}}
{% endmacro %}


{#
    Makes a table's view, with the external tables behind it: one for the parts of one layout in one folder, new ones
    apart from others, so that the others are not read where only new ones are needed.
#}
{% macro show_table(table, root, layouts, new_parts, prefix) %}
    {%- set groups = {} -%}
    {%- for part, layout in layouts.items() -%}
        {%- set key = (part.rpartition('/')[0], tojson(layout), (loop.index0 / 100) | int, part in new_parts) -%}
        {%- do groups.setdefault(key, []).append(part.rpartition('/')[2]) -%}
    {%- endfor -%}
    {%- set instants = {} -%}
    {%- for name, column in table.columns.items() if column.config.meta.get('instant') -%}
        {%- set texts = [] -%}
        {%- for layout in layouts.values() if dict(layout.columns).get(name) == 'string' -%}
            {%- do texts.append(name) -%}
        {%- endfor -%}
        {%- do instants.update({name: texts | length > 0}) -%}
    {%- endfor -%}
    {%- for row in run_query('show tables in ' ~ table.schema ~ " like '" ~ table.name ~ "_*'").rows -%}
        {%- do run_query('drop table if exists ' ~ table.schema ~ '.' ~ row[1]) -%}
    {%- endfor -%}
    {%- set selects = [] -%}
    {%- for (folder, layout, number, is_new), names in groups.items() -%}
        {%- set layout = fromjson(layout) -%}
        {%- set behind = table.schema ~ '.' ~ table.name ~ '_' ~ loop.index -%}
        {%- do run_query(external_table(behind, layout, root ~ ('/' if folder) ~ folder, names)) -%}
        {%- set types = dict(layout.columns) -%}
        {%- set columns = [] -%}
        {%- for name in table.columns if not name.startswith('_') -%}
            {%- set value = shown_column(table, name, types.get(name), layout.format, instants.get(name)) -%}
            {%- do columns.append(value ~ ' as ' ~ name) -%}
        {%- endfor -%}
        {%- set part = 'substr(' ~ file_path() ~ ', ' ~ (prefix | length + 1) ~ ')' -%}
        {%- do columns.append(part ~ ' as _part') -%}
        {%- if '_is_new' in table.columns -%}
            {%- do columns.extend([part ~ ' as _file', is_new ~ ' as _is_new']) -%}
        {%- endif -%}
        {%- if '_row' in table.columns -%}
            {%- do columns.append('monotonically_increasing_id() as _row') -%}
        {%- endif -%}
        {%- do selects.append('select ' ~ columns | join(', ') ~ ' from ' ~ behind) -%}
    {%- endfor -%}
    {%- do run_query(
        'create or replace view ' ~ table.schema ~ '.' ~ table.name ~ ' as ' ~ selects | join(' union all ')
    ) -%}
{% endmacro %}


{# The statement for an external table of files in one folder. A line that cannot be read ends the build. #}
{% macro external_table(name, layout, folder, files) -%}
    {%- set columns = [] -%}
    {%- for column, type in layout.columns -%}
        {%- do columns.append('`' ~ column ~ '` ' ~ type) -%}
    {%- endfor -%}
    {%- set patterns = [] -%}
    {%- for file in files -%}
        {%- do patterns.append(pattern_of(file)) -%}
    {%- endfor -%}
    create table {{ name }} ({{ columns | join(', ') }})
    using {{ 'json' if layout.format == 'jsonl' else layout.format }}
    options (
        path {{ text_literal(pattern_of(folder)) }},
        pathGlobFilter {{ text_literal('{' ~ patterns | join(',') ~ '}') }},
        {%- if layout.format == 'csv' %}
        header 'true', multiLine 'true', quote '"', escape '"', lineSep {{ text_literal(layout.line_end) }},
        {%- endif %}
        mode 'FAILFAST',
        encoding 'UTF-8'
    )
{%- endmacro %}


{# The expression for a column: an instant, if all parts of the table have instants there, and else text. #}
{% macro shown_column(table, name, type, format, is_text) %}
    {%- set value = '`' ~ name ~ '`' -%}
    {%- if type is none -%}
        {{- return('cast(null as string)' if is_text is none or is_text else 'cast(null as timestamp)') -}}
    {%- elif type == 'string' -%}
        {{- return('nullif(' ~ value ~ ", '')" if format == 'csv' else value) -}}
    {%- elif is_text is not none and (type.startswith('timestamp') or type in ['date', 'bigint']) -%}
        {#- A number is what this session makes of nanoseconds. -#}
        {%- set instant = 'timestamp_micros(' ~ value ~ ' div 1000)' if type == 'bigint'
            else 'cast(' ~ value ~ ' as timestamp)' -%}
        {{- return('cast(' ~ instant ~ ' as string)' if is_text else instant) -}}
    {%- elif type == 'binary' and (name == 'id' or name.endswith('_id')) -%}
        {#- Spark does not tell a uuid from other bytes. -#}
        {{- return('lower(hex(' ~ value ~ '))') -}}
    {%- elif type == 'binary' or type.startswith(('array', 'map', 'struct')) -%}
        {{ exceptions.raise_compiler_error(
            table.name ~ ': column ' ~ name ~ ' has the type ' ~ type ~ '; refsync reads text, numbers and timestamps there.'
        ) }}
    {%- else -%}
        {{- return('cast(' ~ value ~ ' as string)') -}}
    {%- endif -%}
{% endmacro %}


{# There it is macros, which read_tracker calls. #}
{% macro spark__code_of_source() %}
    {%- set found = {} -%}
    {%- do add_macros(['macro.' ~ project_name ~ '.spark__read_tracker'], found) -%}
    {{- return(local_md5(tojson(found, sort_keys=true))) -}}
{% endmacro %}
