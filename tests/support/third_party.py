"""Msgids of Django, unfold, import-export and allauth that people may read, out of their own files."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import allauth.account
import django
import import_export
import unfold
from babel.messages.extract import extract
from django.utils.translation import override, trans_real
from django.utils.translation.template import templatize

from community.core.translations import KEYWORDS

DJANGO = Path(django.__file__).parent
SPEAKING = [
    *(
        DJANGO / part
        for part in ("contrib/admin", "contrib/auth", "forms", "core/validators.py", "db/models")
    ),
    *(Path(str(package.__file__)).parent for package in (unfold, import_export, allauth.account)),
]
# Msgids that no page shows: names of actions in Django's own log.
NOT_SHOWN = {"addedname", "changedname", "deletedname"}

Said = tuple[str, str, str]  # context, msgid, plural


def said() -> Iterator[Said]:
    """Returns all msgids of those packages."""
    for root in SPEAKING:
        for path in [root] if root.is_file() else sorted(root.rglob("*")):
            if path.suffix in {".py", ".html"} and not {"locale", "migrations", "management"} & {*path.parts}:
                yield from _said_in(path)


def _said_in(path: Path) -> Iterator[Said]:
    source = path.read_bytes()
    if path.suffix == ".html":
        calls = templatize(source.decode(), origin=str(path))
        source = "\n".join(line.strip() for line in calls.splitlines()).encode()
    for _line, message, _comments, context in extract("python", BytesIO(source), KEYWORDS):
        forms = message if isinstance(message, tuple) else (message,)
        if forms[0] and forms[0] not in NOT_SHOWN:
            yield context or "", forms[0], forms[1] if len(forms) > 1 and forms[1] else ""


def untranslated() -> set[Said]:
    """Returns msgids without a Chinese translation, theirs or ours."""
    with override("zh-hans"):
        words = trans_real.catalog()._catalog  # type: ignore[attr-defined]
        missing = set()
        for context, msgid, plural in said():
            key = f"{context}\x04{msgid}" if context else msgid
            if not ((key, 0) in words if plural else key in words):
                missing.add((context, msgid, plural))
    return missing
