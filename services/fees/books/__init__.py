"""The books of an estate: reports, yearly statements, invoices, and the balances that it moves in with."""
