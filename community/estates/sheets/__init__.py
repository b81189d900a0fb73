"""What an office means with its spreadsheet: which sheet and columns, which rows, which spellings."""
