{# The steps around a run in Spark's words; each macro is explained where it is dispatched. #}

{% macro spark__described_source() %}
    {{- return('files in ' ~ env_var('REFSYNC_RAW_DIR', '')) -}}
{% endmacro %}


{# While the row is replaced there is none, which says that a build has not finished. #}
{% macro spark__write_mark(values) %}
    {%- do run_query('insert overwrite table ' ~ build_marker() ~ ' select ' ~ values.values() | join(', ')) -%}
{% endmacro %}


{% macro spark__fail(sentence) %}
    {{ exceptions.raise_compiler_error(sentence) }}
{% endmacro %}


{# There they are kept until the next build. #}
{% macro spark__add_stand_ins() %}
{% endmacro %}
