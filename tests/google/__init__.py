"""What refsync believes of Google Sheets, asked of Google itself, or of the emulator.

    REFSYNC_LIVE_SHEET=https://docs.google.com/spreadsheets/d/… python -m tests.google

Each check makes tabs of its own and deletes them. docs/google.md says how to run it.
"""
