{{ config(materialized='view') }}
select max(ordered_at) as last_order from {{ ref('orders') }}
