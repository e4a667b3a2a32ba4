{# What the daily history counts of events beside their number. #}

{#
    Words by which the user agents of programs are known: crawlers, previews of links in messages, scripts and monitors.
    Each is a pattern: the first is `bot` without `cu` before it, as Cubot makes telephones. This is the only list;
    after a change of it every date is recounted.
#}
{% macro bot_words() %}
    {{- return([
        '(?:^|[^u]|(?:^|[^c])u)bot', 'crawl', 'spider', 'slurp', 'preview', 'facebookexternalhit', 'whatsapp',
        'mastodon', 'curl/', 'wget/', 'python-requests', 'go-http-client', 'headlesschrome', 'uptime', 'monitor',
    ]) -}}
{% endmacro %}


{#
    Whether a click is a program's: its user agent is missing or blank, or has one of the words in any case. DuckDB
    extracts a pattern only once from each different text of a column that is stored so, but matches it each time.
#}
{% macro is_bot(user_agent) -%}
    (
        coalesce(trim(leading '{{ ' \t\r\n' }}' from {{ user_agent }}), '') = ''
        or regexp_extract({{ user_agent }}, '(?i){{ bot_words() | join('|') }}', 0) <> ''
    )
{%- endmacro %}


{# Whether an event is suspect, by its score; one without a score is not. #}
{% macro is_suspect(fraud_score) -%}
    {{ fraud_score }} > {{ fraud_threshold() }}
{%- endmacro %}


{# How long after its click a signup came: the bin of its minutes; `unknown` without any, or of negative ones. #}
{% macro bin(minutes) -%}
    case
        when {{ minutes }} >= 10080 then 'longer'
        when {{ minutes }} >= 1440 then 'week'
        when {{ minutes }} >= 60 then 'day'
        when {{ minutes }} >= 1 then 'hour'
        when {{ minutes }} >= 0 then 'instant'
        else 'unknown'
    end
{%- endmacro %}


{# A sum over the rows that meet a condition; 0 without any. #}
{% macro total(column, condition) -%}
    cast(coalesce(sum({{ column }}) filter (where {{ condition }}), 0) as bigint)
{%- endmacro %}
