"""What a push changes in a spreadsheet, decided without any request."""
