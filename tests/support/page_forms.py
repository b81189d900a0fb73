"""Forms of a page, as a browser has them."""

from html.parser import HTMLParser
from typing import Any


class Forms(HTMLParser):
    """POST forms of a page as a browser has them: action, and (name, kind, value, is_on) of each control."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, Any]] = []
        self.form: dict[str, Any] | None = None
        self.area: list[Any] | None = None
        self.select: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            is_post = (given.get("method") or "").lower() == "post"
            self.form = {"action": given.get("action") or "", "controls": []} if is_post else None
            self.found += [self.form] if self.form else []
        if self.form is None:
            return
        name, controls = given.get("name") or "", self.form["controls"]
        if tag == "input" and name:
            kind = (given.get("type") or "text").lower()
            is_on = "checked" in given
            controls.append([name, kind, given.get("value") or ("on" if kind == "checkbox" else ""), is_on])
        elif tag == "textarea" and name:
            self.area = [name, "textarea", "", False]
            controls.append(self.area)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            controls.append([self.select, "option", given.get("value") or "", "selected" in given])
        elif tag == "button" and name:
            controls.append([name, "submit", given.get("value") or "", False])

    def handle_data(self, data: str) -> None:
        if self.area:
            self.area[2] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.area:
            self.area[2] = self.area[2].removeprefix("\n")
            self.area = None
        elif tag == "select":
            self.select = None
        elif tag == "form":
            self.form = None
