"""Fills typed values into a form of a finished HTML page.

Works for Django forms, hand-written forms and the admin, with and without JavaScript. Changes only fields
that people fill in; hidden fields stay.
"""

from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

NOT_FILLED = {"hidden", "password", "file", "submit", "button", "image", "reset"}
Attributes = dict[str, str | None]


@dataclass
class _Tag:
    """A start tag with its position in the page."""

    name: str
    attributes: Attributes
    start: int
    end: int


@dataclass
class _Control:
    tag: _Tag
    options: list[_Tag] = field(default_factory=list)
    inner_end: int = 0

    @property
    def name(self) -> str:
        return self.tag.attributes.get("name") or ""

    @property
    def kind(self) -> str:
        is_input = self.tag.name == "input"
        return (self.tag.attributes.get("type") or "text").lower() if is_input else self.tag.name


@dataclass
class _Form:
    tag: _Tag
    folds: list[_Tag]
    controls: list[_Control] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Parser that finds forms and the positions of their controls."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)
        self.forms: list[_Form] = []
        self.main: _Tag | None = None
        self._form: _Form | None = None
        self._control: _Control | None = None
        self._folds: list[_Tag] = []
        self.feed(html)
        self.close()

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._offset()
        found = _Tag(tag, dict(attrs), start, start + len(self.get_starttag_text() or ""))
        if tag == "form":
            self._form = _Form(found, list(self._folds), addresses=[found.attributes.get("action") or ""])
            self.forms.append(self._form)
        elif tag == "details":
            self._folds.append(found)
        elif tag == "main" or (tag == "body" and self.main is None):
            self.main = found
        elif tag == "option" and self._control:
            self._control.options.append(found)
        elif tag in {"input", "select", "textarea", "button"}:
            self._add(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def _add(self, tag: _Tag) -> None:
        form, named = self._form, tag.attributes.get("form")
        if named:
            form = next((one for one in self.forms if one.tag.attributes.get("id") == named), form)
        control = _Control(tag)
        if tag.name in {"select", "textarea"}:
            self._control = control
        if form is None:
            return
        if tag.attributes.get("formaction"):
            form.addresses.append(tag.attributes["formaction"] or "")
        form.controls.append(control)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "details" and self._folds:
            self._folds.pop()
        elif tag in {"select", "textarea"} and self._control:
            self._control.inner_end = self._offset()
            self._control = None


@dataclass
class Refilled:
    """The page, and whether it has a form for the values."""

    html: str
    is_found: bool


def refill(
    html: str, *, page: str, address: str, fields: dict[str, list[str]], files: set[str], note: str
) -> Refilled:
    """Returns the page at ``page`` with the form posting to ``address`` filled in and ``note`` (HTML) added.

    ``files`` are fields whose files are kept and need not be chosen again. Without such a form, the note is
    put at the beginning of the page.
    """
    reader = _Reader(html)
    form = _form_for(reader.forms, page, address, fields, files)
    if form is None:
        at = reader.main.end if reader.main else 0
        return Refilled(html[:at] + note + html[at:], is_found=False)
    edits = [(form.tag.end, form.tag.end, note)]
    edits += [(one.start, one.end, _written(one, {**one.attributes, "open": None})) for one in form.folds]
    left = {name: list(values) for name, values in fields.items()}
    for control in form.controls:
        edits += _edits(control, left, fields, files)
    for start, end, text in sorted(edits, reverse=True):
        html = html[:start] + text + html[end:]
    return Refilled(html, is_found=True)


def _form_for(
    forms: list[_Form], page: str, address: str, fields: dict[str, list[str]], files: set[str]
) -> _Form | None:
    """Returns the form that was sent: by its address, then by its fields and hidden values."""

    def score(form: _Form) -> int:
        shown = {one.name for one in form.controls if one.kind not in NOT_FILLED or one.kind == "file"}
        same = sum(1 for one in form.controls if one.tag.attributes.get("value") in fields.get(one.name, ()))
        return 2 * len(shown & (set(fields) | files)) + same

    def fits(form: _Form) -> bool:
        is_post = (form.tag.attributes.get("method") or "").lower() == "post"
        return is_post and any(urlsplit(urljoin(page, one)).path == address for one in form.addresses)

    fitting = [form for form in forms if fits(form)]
    best = max(fitting, key=score, default=None)
    return best if best is not None and (score(best) or not fields) else None


def _edits(
    control: _Control, left: dict[str, list[str]], fields: dict[str, list[str]], files: set[str]
) -> list[tuple[int, int, str]]:
    tag, kind, name = control.tag, control.kind, control.name
    if kind == "file" and name in files:
        return [_replaced(tag, {key: value for key, value in tag.attributes.items() if key != "required"})]
    if kind in NOT_FILLED or not name or not fields:
        return []
    if kind in {"checkbox", "radio"}:
        if kind == "radio" and name not in fields:
            return []
        is_on = (tag.attributes.get("value") or "on") in fields.get(name, ())
        return [_replaced(tag, _marked(tag.attributes, "checked", is_on))]
    if name not in fields:
        return []
    if kind == "select":
        options = control.options
        return [
            _replaced(one, _marked(one.attributes, "selected", one.attributes.get("value") in fields[name]))
            for one in options
            if "value" in one.attributes
        ]
    text = left[name].pop(0) if left[name] else ""
    if kind == "textarea":
        return [(tag.end, control.inner_end, "\n" + escape(text))]
    return [_replaced(tag, {**tag.attributes, "value": text})]


def _marked(attributes: Attributes, word: str, is_on: bool) -> Attributes:
    others = {name: value for name, value in attributes.items() if name != word}
    return {**others, word: None} if is_on else others


def _replaced(tag: _Tag, attributes: Attributes) -> tuple[int, int, str]:
    return tag.start, tag.end, _written(tag, attributes)


def _written(tag: _Tag, attributes: Attributes) -> str:
    parts = [name if value is None else f'{name}="{escape(value)}"' for name, value in attributes.items()]
    return f"<{' '.join([tag.name, *parts])}>"
