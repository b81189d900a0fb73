"""Extracts, checks and compiles translations without gettext tools.

The msgids are English and stand in the code. Each area has its Chinese in ``parts/<area>.po``, so that one
file is one person's work; all parts are compiled into one ``django.mo``, which is made where needed and never
committed.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileParser
from django.conf import settings
from django.utils.translation.template import templatize

LOCALE = "zh_Hans"
# Parts with entries that need not occur in our code: words of Django and others, and words for codes.
ELSEWHERE = ("overrides", "codes")
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sdif]|\{\w*\}")

Key = tuple[str, str]  # context, msgid
Msgid = str | tuple[str, ...] | list[str]  # singular, or singular and plural


@dataclass
class Used:
    """A msgid of the code with the places where it occurs."""

    context: str
    msgid: str
    plural: str = ""
    places: list[str] = field(default_factory=list)

    @property
    def area(self) -> str:
        return _area(self.places[0])


@dataclass
class Part:
    name: str
    messages: list[Message]
    doubled: list[str]


class _NotingDoubles(Catalog):
    """Catalog that remembers msgids given twice, of which Babel keeps one."""

    def __init__(self) -> None:
        super().__init__(locale=LOCALE, charset="utf-8")
        self.doubled: list[str] = []

    def __setitem__(self, id: Msgid, message: Message) -> None:  # noqa: A002  (babel's name)
        if id and self.get(_singular(id), message.context):
            self.doubled.append(_singular(id))
        super().__setitem__(id, message)


def folder() -> Path:
    return Path(settings.LOCALE_PATHS[0]) / LOCALE / "LC_MESSAGES"


def read_parts() -> list[Part]:
    return [_read(path) for path in sorted((folder() / "parts").glob("*.po"))]


def _read(path: Path) -> Part:
    catalog = _NotingDoubles()
    with path.open("rb") as lines:
        PoFileParser(catalog, ignore_obsolete=True, abort_invalid=True).parse(lines)
    return Part(path.stem, [message for message in catalog if message.id], catalog.doubled)


def compile_if_stale() -> bool:
    """Compiles if a part is newer than the compiled file; returns whether it did."""
    target = folder() / "django.mo"
    sources = [folder() / "parts", *(folder() / "parts").glob("*.po")]
    if target.exists() and all(path.stat().st_mtime <= target.stat().st_mtime for path in sources):
        return False
    compile_all()
    return True


def compile_all() -> int:
    """Merges the parts into ``django.mo``; returns the number of entries."""
    merged = Catalog(locale=LOCALE, domain="django", charset="utf-8", fuzzy=False)
    for part in read_parts():
        for message in part.messages:
            if not message.fuzzy:
                merged.add(message.id, message.string, context=message.context)
    target = folder() / "django.mo"
    beside = target.with_suffix(f".{os.getpid()}.new")
    with beside.open("wb") as out:
        write_mo(out, merged)
    # Atomic, so that a starting server reads the old or the new file as a whole.
    beside.replace(target)
    return len(merged)


def used_messages() -> dict[Key, Used]:
    """Returns every msgid of our Python files and templates."""
    found: dict[Key, Used] = {}
    for path, read in _sources():
        where = path.relative_to(settings.BASE_DIR).as_posix()
        for line, message, _comments, context in extract("python", BytesIO(read(path)), KEYWORDS):
            forms = message if isinstance(message, tuple) else (message,)
            if not forms[0]:
                continue
            key = (context or "", forms[0])
            entry = found.setdefault(key, Used(*key))
            entry.plural = entry.plural or (forms[1] if len(forms) > 1 else "")
            entry.places.append(f"{where}:{line}")
    return found


def _sources() -> Iterator[tuple[Path, Callable[[Path], bytes]]]:
    base = Path(settings.BASE_DIR)
    for package in ("accounts", "community", "services"):
        for path in sorted((base / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, Path.read_bytes
    for path in sorted((base / "templates").rglob("*")):
        if path.suffix in {".html", ".txt", ".svg", ".xml"}:
            yield path, _template_as_python


def _template_as_python(path: Path) -> bytes:
    """Converts a template to gettext calls that read as Python."""
    calls = templatize(path.read_text(encoding="utf-8"), origin=str(path))
    return "\n".join(line.strip() for line in calls.splitlines()).encode()


def problems() -> list[str]:
    """Returns the errors of the translation as sentences; empty if it is complete."""
    used = used_messages()
    found: list[str] = []
    home: dict[Key, str] = {}
    for part in read_parts():
        found += [f"{part.name}.po: twice in this file: {msgid!r}" for msgid in part.doubled]
        for message in part.messages:
            key = (message.context or "", _singular(message.id))
            if key in home:
                found.append(f"{part.name}.po: also in {home[key]}.po: {key[1]!r}")
            home[key] = part.name
            found += [f"{part.name}.po: {wrong}: {key[1]!r}" for wrong in _wrong_with(message)]
            if key not in used and part.name not in ELSEWHERE:
                found.append(f"{part.name}.po: no longer used: {key[1]!r}")
            if key in used and bool(used[key].plural) != isinstance(message.id, tuple):
                found.append(f"{part.name}.po: singular and plural differ from the code: {key[1]!r}")
    found += [f"{used[key].places[0]}: not translated: {key[1]!r}" for key in used if key not in home]
    return found


def _singular(msgid: Msgid) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def _wrong_with(message: Message) -> list[str]:
    strings = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    if message.fuzzy:
        return ["marked fuzzy"]
    if not all(strings):
        return ["empty"]
    # Chinese has one form, which serves as the plural.
    asked = message.id if isinstance(message.id, str) else message.id[-1]
    if any(_placeholders(string) != _placeholders(asked) for string in strings):
        return ["placeholders differ"]
    return []


def _placeholders(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def skeleton() -> str:
    """Returns the missing entries by part, ready to paste."""
    known = {(m.context or "", _singular(m.id)) for part in read_parts() for m in part.messages}
    areas: dict[str, list[str]] = {}
    for key, entry in used_messages().items():
        if key not in known:
            areas.setdefault(entry.area, []).append(_entry(entry))
    return "\n".join(f"# ---- parts/{area}.po\n\n" + "\n".join(areas[area]) for area in sorted(areas))


def _entry(used: Used) -> str:
    lines = [f"#: {place}" for place in used.places[:3]]
    if used.context:
        lines.append(f"msgctxt {_quoted(used.context)}")
    lines.append(f"msgid {_quoted(used.msgid)}")
    if used.plural:
        lines += [f"msgid_plural {_quoted(used.plural)}", 'msgstr[0] ""']
    else:
        lines.append('msgstr ""')
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _area(place: str) -> str:
    """Returns the part to which the words of a place belong: its app, or one that spans apps."""
    path = place.rpartition(":")[0]
    name = Path(path).stem
    if name in {"admin", "api"} or "/admin/" in path or "/api/" in path:
        return "admin" if "admin" in path else "api"
    parts = path.split("/")
    if parts[0] == "accounts":
        return "accounts"
    if parts[0] == "templates":
        return parts[1] if len(parts) > 2 and parts[1] != "components" else "frontend"
    return parts[1] if len(parts) > 2 else "core"
