"""Columns of the core that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

COLUMNS = (
    Columns(
        "core.statuschange",
        ("reason",),
        Kind.WORDS,
        Purpose.OFFICE,
        Keep.MATTER,
        sensitive=True,
        encrypted=True,
    ),
    OfNobody("core.statuschange", ("from_status", "to_status"), "states of a row"),
    Columns("core.auditrecord", ("target",), Kind.REFERENCE, Purpose.SECURITY, Keep.RECORD),
    Columns("core.auditrecord", ("address",), Kind.NETWORK, Purpose.SECURITY, Keep.RECORD),
    Columns("core.auditrecord", ("detail",), Kind.WORDS, Purpose.SECURITY, Keep.RECORD),
    OfNobody("core.auditrecord", ("action", "outcome"), "codes of acts"),
    Columns(
        "core.exportfile", ("page",), Kind.WORDS, Purpose.OFFICE, Keep.SHORT, sensitive=True, encrypted=True
    ),
    Columns("core.exportfile", ("address",), Kind.NETWORK, Purpose.SECURITY, Keep.SHORT),
    Columns("core.exportfile", ("stored",), Kind.PAPER, Purpose.OFFICE, Keep.SHORT),
    Columns("core.exportfile", ("language",), Kind.SETTING, Purpose.OFFICE, Keep.SHORT),
    OfNobody("core.exportfile", ("title", "file_name", "right", "estates"), "names of lists and their reach"),
    Columns("core.failurecount", ("network",), Kind.NETWORK, Purpose.SECURITY, Keep.RECORD),
    OfNobody("core.failurecount", ("kind",), "codes of failures"),
    Columns("core.searchkey", ("key",), Kind.IDENTITY, Purpose.OFFICE, Keep.PERSON),
    OfNobody(
        "core.auditseal",
        ("hash_name", "runs", "awaited", "marks", "rows_digest", "previous", "digest"),
        "numbers and digests of records",
    ),
    OfNobody("core.retentionday", ("kind", "error"), "kinds of rows and names of errors"),
    OfNobody("core.sealsent", ("place",), "where digests are sent"),
    OfNobody("core.searchkey", ("kind",), "kinds of rows"),
)
