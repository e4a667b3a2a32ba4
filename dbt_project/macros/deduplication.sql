{# The one row that counts of each event id: the earliest; ties by the columns given, nulls last. #}
{% macro earliest_copies(relation, key, instant, tie_breakers) -%}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ key }}
                order by
                    {{ instant }},
                    {{ tie_breakers | join(' nulls last, ') }} nulls last
            ) as copy_number
        from {{ relation }}
    ) as numbered
    where copy_number = 1
{%- endmacro %}


{# The one row that counts of each row that describes something: the newest; then the last part's, then the later row. #}
{% macro newest_version(relation, key) -%}
    select *
    from (
        select
            *,
            row_number() over (
                partition by {{ key }}
                order by
                    updated_at desc nulls last,
                    part_name desc,
                    row_in_part desc
            ) as version_number
        from {{ relation }}
    ) as numbered
    where version_number = 1
{%- endmacro %}
