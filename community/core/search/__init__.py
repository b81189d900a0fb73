"""Search for people and homes by staff: one table of keys, one parser of input, one filter.

``text`` normalizes spellings, ``names`` and ``addresses`` return the keys of a row, ``keys`` writes them with
the row, ``parsing`` parses the input and ``filtering`` turns it into a filter.
"""
