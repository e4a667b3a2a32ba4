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


{# The hash of an event's type and id: a number of 63 bits, which few other events have. #}
{% macro event_hash(event_type, event_id) %}
    {{- return(adapter.dispatch('event_hash', 'refsync')(event_type, event_id)) -}}
{% endmacro %}

{% macro duckdb__event_hash(event_type, event_id) -%}
    cast(hash({{ event_id }}, {{ event_type }}) >> 1 as bigint)
{%- endmacro %}


{#
    What distinguishes visitors: a value for each pair of address and user agent, of which either may be null. Both are
    hashed to 128 bits: pairs are about as many as clicks, and user agents are long.
#}
{% macro visitor(ip, user_agent) %}
    {{- return(adapter.dispatch('visitor', 'refsync')(ip, user_agent)) -}}
{% endmacro %}

{% macro duckdb__visitor(ip, user_agent) -%}
    (
        (cast(hash({{ ip }}, {{ user_agent }}) as uhugeint) << 64)
        | cast(hash({{ user_agent }}, {{ ip }}) as uhugeint)
    )
{%- endmacro %}
