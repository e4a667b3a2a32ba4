{# How each part of an export is read on Spark: its columns and their types, as its own header or schema says. #}

{#
    How a part is read: its format; its columns in its own order as [name, type]; a CSV file's line ends. Those that
    refsync reads must be among them.
#}
{% macro layout_of(table, part, root, columns_found) %}
    {%- set path = root ~ '/' ~ part -%}
    {%- set lines = table.schema ~ '.lines' -%}
    {%- set layout = {'format': part.split('.')[-1], 'line_end': none, 'columns': []} -%}
    {%- if layout.format == 'parquet' -%}
        {%- set found = columns_found or tried_columns(table, path, lines) -%}
        {%- for name, type in found.items() if name in table.columns -%}
            {%- do layout.columns.append([name, type]) -%}
        {%- endfor -%}
        {%- set names = found | list -%}
    {%- elif layout.format == 'csv' -%}
        {%- set line = first_line(path, lines) -%}
        {%- if not line -%}
            {{ exceptions.raise_compiler_error(
                table.name ~ ': ' ~ part ~ ' is empty: a CSV file begins with a header line.'
            ) }}
        {%- endif -%}
        {%- do layout.update({'line_end': '\r\n' if line.endswith('\r') else '\n'}) -%}
        {%- set names = [] -%}
        {%- for quoted, plain in modules.re.findall('(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))', line.rstrip('\r').lstrip('\ufeff')) -%}
            {%- do names.append(plain or quoted | replace('""', '"')) -%}
        {%- endfor -%}
        {%- for name in names -%}
            {%- if names.count(name) > 1 -%}
                {{ exceptions.raise_compiler_error(
                    table.name ~ ': ' ~ part ~ " has two columns for " ~ name ~ ": keep one of them."
                ) }}
            {%- endif -%}
            {%- do layout.columns.append([name if name in table.columns else '_' ~ loop.index, 'string']) -%}
        {%- endfor -%}
    {%- else -%}
        {%- set names = json_names(table, path, lines) -%}
        {%- for name in names if name in table.columns -%}
            {%- do layout.columns.append([name, 'string']) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set missing = [] -%}
    {%- for name, column in table.columns.items() if not name.startswith('_') -%}
        {%- if name not in names and not column.config.meta.get('optional') -%}
            {%- do missing.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if missing -%}
        {{ exceptions.raise_compiler_error(
            table.name ~ ': ' ~ part ~ ' has no column ' ~ missing | join(' and no column ') ~ '; its columns are '
            ~ (names | join(', ') or 'none') ~ '.'
        ) }}
    {%- endif -%}
    {{- return(layout) -}}
{% endmacro %}


{# The columns of Parquet files, with their types, by the files; without those that Spark cannot tell. #}
{% macro columns_of_parquet_files(files, root, schema) %}
    {%- set found = {} -%}
    {%- for some in files | batch(50) if described_files(some, root, schema ~ '.layouts', found) -%}
        {#- One of these is not to be told. -#}
        {%- for file in some -%}
            {%- do described_files([file], root, schema ~ '.layouts', found) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{# Adds the columns of all these files to what was found, or of none; returns whether it is none. #}
{% macro described_files(files, root, view, found) %}
    {%- set columns, relations = [], [] -%}
    {%- for file in files -%}
        {%- do columns.append('struct(file_' ~ loop.index ~ '.*) as file_' ~ loop.index) -%}
        {%- do relations.append(
            'parquet.`' ~ pattern_of(root ~ '/' ~ file) | replace('`', '``') ~ '` as file_' ~ loop.index
        ) -%}
    {%- endfor -%}
    {%- do run_query('drop view if exists ' ~ view) -%}
    {%- do run_query(
        'begin declare exit handler for sqlexception begin end; create view ' ~ view ~ ' as select '
        ~ columns | join(', ') ~ ' from ' ~ relations | join(' cross join ') ~ '; end'
    ) -%}
    {%- set is_none = not run_query(
        'show views in ' ~ view.split('.')[0] ~ " like '" ~ view.split('.')[1] ~ "'"
    ).rows -%}
    {%- if not is_none -%}
        {%- for name, type, comment in run_query('describe ' ~ view).rows -%}
            {#- struct<id:string,fraud_score:decimal(3,2),…> -#}
            {%- set types = dict(modules.re.findall('([^:,]+):([^,(<]+(?:[(][^)]*[)])?)', type[7:-1])) -%}
            {%- do found.update({files[loop.index0]: types}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(is_none) -}}
{% endmacro %}


{#
    The columns of a file that has uuids: Spark cannot describe it, but reads columns whose types it is given. So types
    are tried. A column that can be read both as a boolean and as a timestamp is not there, for it is null then. A uuid is
    16 bytes that are hardly ever text.
#}
{% macro tried_columns(table, path, lines) %}
    {%- set names = table.columns | reject('in', ['_part', '_file', '_is_new', '_row']) | list -%}
    {%- set types = ['boolean', 'timestamp', 'bigint', 'double', 'string', 'date', 'binary'] -%}
    {%- for type in types -%}
        {%- do run_query('drop table if exists ' ~ lines ~ '_' ~ type) -%}
        {%- do run_query(
            'create table ' ~ lines ~ '_' ~ type ~ ' (' ~ names | join(' ' ~ type ~ ', ') ~ ' ' ~ type
            ~ ') using parquet options (path ' ~ text_literal(pattern_of(path)) ~ ')'
        ) -%}
    {%- endfor -%}
    {%- set is_empty = not run_query('select 1 from ' ~ lines ~ '_binary limit 1').rows -%}
    {%- set found = {} -%}
    {%- for name in names -%}
        {%- if is_empty -%}
            {%- do found.update({name: 'string'}) -%}
        {%- elif can_be_read(name, lines ~ '_boolean') -%}
            {%- if not can_be_read(name, lines ~ '_timestamp') -%}
                {%- do found.update({name: 'boolean'}) -%}
            {%- endif -%}
        {%- else -%}
            {%- if table.columns[name].config.meta.get('instant') -%}
                {%- for type in ['timestamp', 'bigint', 'date', 'string'] if name not in found -%}
                    {%- if can_be_read(name, lines ~ '_' ~ type) -%}
                        {%- do found.update({name: type}) -%}
                    {%- endif -%}
                {%- endfor -%}
            {%- elif can_be_read(name, lines ~ '_bigint') -%}
                {%- do found.update({name: 'bigint'}) -%}
            {%- elif can_be_read(name, lines ~ '_double') -%}
                {%- do found.update({name: 'double'}) -%}
            {%- else -%}
                {%- set is_uuid = run_query(
                    'select bool_or(not is_valid_utf8(cast(' ~ name ~ ' as string))) from ' ~ lines ~ '_binary'
                ).rows[0][0] -%}
                {%- do found.update({name: 'binary' if is_uuid else 'string'}) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found) -}}
{% endmacro %}


{# Whether columns can be read as their relation says their types are: SQL's own way to try. #}
{% macro can_be_read(columns, relation) %}
    {{- return(run_query(
        "begin declare exit handler for sqlexception begin select 'no' as answer; end; "
        ~ "select if(count(" ~ columns ~ ") >= 0, 'yes', '') as answer from (select " ~ columns ~ ' from ' ~ relation
        ~ ' limit 1) as one; end'
    ).rows[0][0] == 'yes') -}}
{% endmacro %}


{# The first line of a file, without its `\n`; nothing of a file without any. #}
{% macro first_line(path, lines) %}
    {%- do show_lines(path, lines) -%}
    {%- set rows = run_query('select value from ' ~ lines ~ ' where _metadata.file_block_start = 0 limit 1').rows -%}
    {{- return(rows[0][0] if rows else '') -}}
{% endmacro %}


{# The names in a file of JSON lines. Exporters may leave out what is null: one line that lacks a name proves nothing. #}
{% macro json_names(table, path, lines) %}
    {%- do show_lines(path, lines) -%}
    {%- set found = {'names': table.columns | list} -%}
    {%- for names in ['json_object_keys(value)', 'array_distinct(flatten(collect_set(json_object_keys(value))))'] -%}
        {%- set missing = table.columns | reject('in', found.names) | reject('in', ['_part', '_file', '_is_new', '_row']) | list -%}
        {%- if loop.first or missing -%}
            {%- set rows = run_query("select " ~ names ~ " from " ~ lines ~ " where trim(value) <> '' limit 1").rows -%}
            {%- if rows and rows[0][0] -%}
                {%- do found.update({'names': fromjson(rows[0][0])}) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(found.names) -}}
{% endmacro %}


{% macro show_lines(path, lines) %}
    {%- do run_query('drop table if exists ' ~ lines) -%}
    {%- do run_query(
        'create table ' ~ lines ~ ' using text options (path ' ~ text_literal(pattern_of(path))
        ~ ", lineSep '\\n')"
    ) -%}
{% endmacro %}
