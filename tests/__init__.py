"""The tests: each drives the real thing and compares it with a second opinion."""
