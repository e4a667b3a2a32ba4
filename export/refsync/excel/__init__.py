"""The workbook: an .xlsx file."""
