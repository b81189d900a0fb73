"""Columns of repairs that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

COLUMNS = (
    OfNobody("repairs.repaircategory", ("name", "name_en", "icon"), "the catalogue"),
    Columns(
        "repairs.repair",
        ("quote_words", "agreed_words"),
        Kind.WORDS,
        Purpose.SERVICE,
        Keep.MATTER,
        sensitive=True,
        encrypted=True,
    ),
    Columns(
        "repairs.repair", ("quote_fen", "agreed_fen", "charged_fen"), Kind.MONEY, Purpose.SERVICE, Keep.MATTER
    ),
    Columns(
        "repairs.repairchange",
        ("worker_name",),
        Kind.NAME,
        Purpose.SERVICE,
        Keep.MATTER,
        sensitive=True,
        encrypted=True,
    ),
    Columns("repairs.repairchange", ("price_fen",), Kind.MONEY, Purpose.SERVICE, Keep.MATTER),
    Columns(
        "repairs.repairdraft",
        ("description",),
        Kind.WORDS,
        Purpose.SERVICE,
        Keep.SHORT,
        sensitive=True,
        encrypted=True,
    ),
)
