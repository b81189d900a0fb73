"""Columns of WeChat's official accounts that hold something of a person."""

from community.core.services.columns import Columns, Keep, Kind, OfNobody, Purpose

COLUMNS = (
    OfNobody("wechat.officialaccount", ("name", "app_id"), "names of companies"),
    OfNobody("wechat.officialaccount", ("secret", "token", "aes_key"), "keys of companies, encrypted"),
    OfNobody("wechat.messagetemplate", ("message", "template_id", "fields"), "names of messages"),
    Columns(
        "wechat.binding",
        ("openid",),
        Kind.IDENTITY,
        Purpose.ACCOUNT,
        Keep.PERSON,
        sensitive=True,
        encrypted=True,
    ),
    OfNobody("wechat.grouprobot", ("name", "key", "secret"), "names and keys of robots, encrypted"),
    Columns(
        "wechat.robotmessage",
        ("text",),
        Kind.PLACE,
        Purpose.SAFETY,
        Keep.MESSAGE,
        sensitive=True,
        encrypted=True,
    ),
    Columns("wechat.robotmessage", ("key",), Kind.REFERENCE, Purpose.SAFETY, Keep.MESSAGE),
    OfNobody("wechat.robotmessage", ("error",), "codes of answers"),
    OfNobody("wechat.grant", ("template_id",), "numbers of templates"),
    OfNobody("wechat.push", ("digest",), "hashes"),
)
