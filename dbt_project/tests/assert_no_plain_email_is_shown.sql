{# A hash holds no @: whatever does is an address, in a column that is to hold hashes. #}
select
    event_id,
    user_email_hash
from {{ ref('tracker_raw_data') }}
where user_email_hash like '%@%'
