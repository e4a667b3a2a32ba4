"""Requests about what sits on the cells."""
