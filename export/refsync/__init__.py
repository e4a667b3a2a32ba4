"""refsync: push dbt marts to the worksheets that their `meta` names."""

__version__ = "0.2.0"
