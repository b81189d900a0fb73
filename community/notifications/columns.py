"""Columns of messages that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

COLUMNS = (
    Columns(
        "notifications.outboxmessage",
        ("params",),
        Kind.WORDS,
        Purpose.CONTACT,
        Keep.MESSAGE,
        sensitive=True,
        encrypted=True,
    ),
    Columns("notifications.outboxmessage", ("key", "url"), Kind.REFERENCE, Purpose.CONTACT, Keep.MESSAGE),
    Columns(
        "notifications.outboxmessage",
        ("provider_reference", "error"),
        Kind.REFERENCE,
        Purpose.CONTACT,
        Keep.MESSAGE,
    ),
    OfNobody("notifications.outboxmessage", ("template",), "names of messages"),
    Columns(
        "notifications.inboxnotice",
        ("params",),
        Kind.WORDS,
        Purpose.CONTACT,
        Keep.MESSAGE,
        sensitive=True,
        encrypted=True,
    ),
    Columns("notifications.inboxnotice", ("key", "url"), Kind.REFERENCE, Purpose.CONTACT, Keep.MESSAGE),
    OfNobody("notifications.inboxnotice", ("template",), "names of messages"),
    Columns("notifications.livetopic", ("name",), Kind.REFERENCE, Purpose.CONTACT, Keep.MESSAGE),
)
