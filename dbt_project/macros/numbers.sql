{# Optional columns of the tracker that hold a number, or true or false. #}

{#
    The number that a column of the source holds, as text or as a number; null where it is empty, and an error where it
    holds something else. It is no condition: where no count needs the number, it is not read.
#}
{% macro number(column, table_name) -%}
    case
        when {{ column }} is not null then
            case
                when {{ is_number(column) }} then try_cast({{ column }} as double)
                else {{ raised_error(no_number(column, table_name)) }}
            end
    end
{%- endmacro %}


{# True where a value is a finite number. #}
{% macro is_number(column) %}
    {{- return(adapter.dispatch('is_number', 'refsync')(column)) -}}
{% endmacro %}

{#- DuckDB folds typeof(), and reads 1_000 as a number, which few others do. -#}
{% macro duckdb__is_number(column) -%}
    coalesce(isfinite(try_cast({{ column }} as double)), false)
    and (typeof({{ column }}) = 'DOUBLE' or not contains(cast({{ column }} as varchar), '_'))
{%- endmacro %}


{# The sentence on a value that is no number. #}
{% macro no_number(column, table_name) -%}
    '{{ table_name }}: the {{ column }} ' || {{ shown_value(column) }} || ' in ' || {{ shown_text('_part', 300) }}
    || ' is not a number such as 7.5; correct it at the source, or leave it empty.'
{%- endmacro %}


{# True or false as a column of the source spells it; null where it is empty, and an error where it holds something else. #}
{% macro truth(column, table_name) -%}
    {%- set text = 'lower(' ~ trimmed(column) ~ ')' -%}
    case
        when {{ column }} is null then null
        when {{ text }} in ('true', 't', 'yes', 'y', 'on', '1', '1.0') then true
        when {{ text }} in ('false', 'f', 'no', 'n', 'off', '0', '0.0') then false
        else {{ raised_error(no_truth(column, table_name)) }}
    end
{%- endmacro %}


{# The sentence on a value that is neither true nor false. #}
{% macro no_truth(column, table_name) -%}
    '{{ table_name }}: the {{ column }} ' || {{ shown_value(column) }} || ' in ' || {{ shown_text('_part', 300) }}
    || ' is not true or false; correct it at the source, or leave it empty.'
{%- endmacro %}


{# Ends the query with a sentence. #}
{% macro raised_error(sentence) %}
    {{- return(adapter.dispatch('raised_error', 'refsync')(sentence)) -}}
{% endmacro %}

{% macro duckdb__raised_error(sentence) -%}
    error({{ sentence }})
{%- endmacro %}
