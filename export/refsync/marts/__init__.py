"""The marts of a dbt project, read from its manifest and its database."""
