"""How staff find people and homes: one table of keys, one reading of what is typed, one filter.

``text`` makes spellings equal, ``names`` and ``addresses`` say which keys a row has, ``keys`` writes them
with the row, ``understanding`` reads what somebody typed, and ``filtering`` turns it into a filter.
"""
