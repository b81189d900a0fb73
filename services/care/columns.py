"""Columns of care that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

CARE, MATTER = Purpose.CARE, Keep.MATTER

COLUMNS = (
    Columns("care.provider", ("name",), Kind.NAME, CARE, Keep.OFFICE),
    Columns("care.provider", ("phone",), Kind.PHONE, CARE, Keep.OFFICE, sensitive=True, encrypted=True),
    OfNobody("care.provider", ("words",), "what a provider offers, published"),
    OfNobody(
        "care.careservice",
        ("name", "name_en", "words", "words_en", "question", "question_en"),
        "the catalogue",
    ),
    Columns("care.carebooking", ("start_code",), Kind.SECRET, CARE, MATTER, sensitive=True, encrypted=True),
    Columns("care.carebooking", ("price_fen",), Kind.MONEY, CARE, MATTER),
    Columns(
        "care.carebookingchange", ("carer_name",), Kind.NAME, CARE, MATTER, sensitive=True, encrypted=True
    ),
    # The answer of the person to the question of the service, of their health among others.
    Columns("care.caredraft", ("answer",), Kind.HEALTH, CARE, Keep.SHORT, sensitive=True, encrypted=True),
    Columns("care.caredraft", ("price_fen",), Kind.MONEY, CARE, Keep.SHORT),
    OfNobody("care.menu", ("dishes",), "meals on offer"),
)
