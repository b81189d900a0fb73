"""A person at the pages without a browser: follows links and sends the forms that the pages really have.

``walker.open("/")``, ``walker.follow("报修")``, ``walker.send("提交", description="漏水")``. A form is sent
with the values of its page, including the pressed button. ``walker.tap("水")`` follows or presses, and is
counted; ``walker.main`` is the readable text.
"""

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from django.test import Client

from accounts.models import User


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    # Words on each button, its name and its value.
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    textareas: list[str] = field(default_factory=list)


UNREAD = ("script", "style", "template")


class _Page(HTMLParser):
    """Links, forms and words of ``<main>``."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self.in_main = False
        self.words: list[str] = []
        # Links and buttons in the order of the page.
        self.targets: list[tuple[str, str]] = []
        self._unread = 0
        self._form: Form | None = None
        self._open: tuple[str, dict[str, str]] | None = None
        self._words: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "main":
            self.in_main = True
        if not self.in_main:
            return
        self._unread += tag in UNREAD
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get"))
            self.forms.append(self._form)
        elif tag in ("a", "button", "textarea"):
            self._open, self._words = (tag, given), []
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._form and "selected" in given:
            self._form.fields[self._select] = [given.get("value", "")]
        elif tag == "input" and self._form and given.get("name"):
            kind = given.get("type", "text")
            if kind != "file" and (kind not in ("radio", "checkbox") or "checked" in given):
                self._form.fields.setdefault(given["name"], []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.in_main and not self._unread:
            self.words.append(data)
        if self._open:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in UNREAD:
            self._unread = max(0, self._unread - 1)
        if tag == "main":
            self.in_main = False
        elif tag == "form":
            self._form = None
        elif self._open and self._open[0] == tag:
            given, words = self._open[1], " ".join(" ".join(self._words).split())
            if tag == "a":
                self.links.append((words, given.get("href", "")))
                self.targets.append(("a", words))
            elif self._form and tag == "button":
                self._form.buttons.append((words, given.get("name", ""), given.get("value", "")))
                self.targets.append(("button", words))
            elif self._form and given.get("name"):
                self._form.fields[given["name"]] = ["".join(self._words).strip()]
                self._form.textareas.append(given["name"])
            self._open = None


class Walker:
    def __init__(self, user: User | None = None, *, mode: str = "standard") -> None:
        self.client = Client(headers={"accept-language": "zh-CN"})
        self.client.cookies["mode"] = mode
        self.count = 0
        if user:
            self.client.force_login(user)
        self.path, self.text, self._page = "", "", _Page()

    def open(self, path: str) -> "Walker":
        return self._take(self.client.get(path, follow=True), path)

    def _take(self, response: Any, path: str, status: int = 200) -> "Walker":
        assert response.status_code == status, (path, response.status_code, response.content.decode()[:2000])
        self.path = response.redirect_chain[-1][0] if response.redirect_chain else path
        self.text = response.content.decode()
        self._page = _Page()
        self._page.feed(self.text)
        return self

    @property
    def main(self) -> str:
        """Returns the words of the page's main part, with single spaces."""
        return " ".join("".join(self._page.words).split())

    def tap(self, words: str) -> "Walker":
        """Follows the first link with these words, or presses the button if it comes before."""
        self.count += 1
        for tag, said in self._page.targets:
            if words in said:
                return self.follow(words) if tag == "a" else self.send(words)
        raise AssertionError((self.path, words, self._page.targets))

    def fill(self, text: str) -> "Walker":
        """Types into every large field of the page."""
        for form in self._page.forms:
            form.fields |= {name: [text] for name in form.textareas}
        return self

    def follow(self, words: str) -> "Walker":
        found = [href for said, href in self._page.links if words in said]
        assert found, (self.path, words, self._page.links)
        return self.open(urljoin(self.path, found[0]))

    def heading(self) -> str:
        """Returns the words of the first heading, which is above the main part."""
        return " ".join(re.sub("<[^>]*>", " ", self.text.split("<h1")[1].split("</h1>")[0]).split())

    def at_the_foot(self, words: str) -> "Walker":
        """Follows the link with these words at the foot of the page."""
        self.count += 1
        foot = self.text.split("<footer")[1]
        found = [
            href
            for href, said in re.findall(r'<a[^>]* href="([^"]+)"[^>]*>(.*?)</a>', foot, re.DOTALL)
            if words in said
        ]
        assert found, (self.path, words)
        return self.open(unescape(found[0]))

    def refused(self, words: str, /, **fields: Any) -> "Walker":
        """Presses the button and expects the form again with its errors."""
        return self.send(words, 422, **fields)

    def send(self, words: str, status: int = 200, /, **fields: Any) -> "Walker":
        """Presses the button with these words, in the first form that has one."""
        for form in self._page.forms:
            for said, name, value in form.buttons:
                if words in said:
                    data: dict[str, Any] = {**form.fields, **fields}
                    if name:
                        data[name] = value
                    return self._send(form, data, status)
        raise AssertionError((self.path, words, self._page.forms))

    def _send(self, form: Form, data: dict[str, Any], status: int) -> "Walker":
        path = urljoin(self.path, form.action) if form.action else self.path
        if form.method == "get":
            return self._take(self.client.get(path, data, follow=True), path, status)
        return self._take(self.client.post(path, data, follow=True), path, status)
