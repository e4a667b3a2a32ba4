"""The spreadsheet: worksheets in Google Sheets."""
