"""Interprets an estate's spreadsheets: sheets, columns, rows and spellings."""
