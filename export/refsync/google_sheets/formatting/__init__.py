"""How worksheets look in Google Sheets."""
