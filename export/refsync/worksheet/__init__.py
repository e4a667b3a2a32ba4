"""What travels from the marts to a destination: tables, charts and values."""
