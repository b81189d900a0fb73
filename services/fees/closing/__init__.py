"""Closes days and months of the books: sheets signed by two, after which nothing is booked there."""
