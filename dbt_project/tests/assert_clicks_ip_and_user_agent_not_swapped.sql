{#
    Addresses that stand among the user agents are shown whatever ip_privacy says. A stranger may call a browser
    192.0.2.1, so one of them proves nothing: an export has the two columns swapped if every user agent is an address.
#}
with

clicks as (

    select * from {{ ref('tracker_raw_data') }}
    where event_type = 'click'

),

final as (

    select count(user_agent) as user_agents
    from clicks
    having
        count(user_agent) > 0
        and count(user_agent) = count({{ ip_network('user_agent') }})

)

select * from final
