{#
    An export that has two columns under each other's names leaves links or events unattributed. A row says so if one
    column has an id of the other's kind, and the other has none: both ways, where the ids of both are known. Ids that are
    no uuids may be alike by chance.
#}
{% test not_swapped(model, one, other, ids_of_one=none, ids_of_other=none, only_uuids=true) %}

select * from {{ model }}
where
    {% for own, foreign, ids in [(one, other, ids_of_one), (other, one, ids_of_other)] if ids %}
    {{ foreign }} in (select {{ ids.field }} from {{ ids.model }} where {{ ids.field }} is not null)
    {% if own %}
    and (
        {{ own }} is null
        or {{ own }} not in (select {{ ids.field }} from {{ ids.model }} where {{ ids.field }} is not null)
    )
    {% endif %}
    {% if only_uuids %}
    and length({{ foreign }}) = 36
    {% endif %}
    {{ 'and' if not loop.last }}
    {% endfor %}

{% endtest %}
