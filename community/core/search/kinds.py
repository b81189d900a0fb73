"""What rows are called in the table of search keys."""

PERSON, LINE, HOME = "person", "line", "home"
