"""Visible and spoken words of a page, and those in another language than the page's."""

import re
from html.parser import HTMLParser

# Latin letters that a Chinese page has on purpose: units, formats, names, references, addresses.
LATIN_IN_CHINESE = re.compile(
    r"English|\besc\b|(?<![\w/])/[a-z0-9/_-]+|R-\d{6}-\d{4}|JPEG|PNG|WebP|HEIC|API|Excel|PDF|OFD|SMS|QR|MB|GB|POS|http\S+|linli_\S+|[A-Z0-9]{7}|Linli"
    # Files of the providers, as they lie in a company's folder.
    r"|\w+_(?:key|cert)\.pem|appCertPublicKey|alipay(?:CertPublicKey_RSA2|RootCert)|\.crt|AppSecret|APPID|AppID"
    # Names in WeChat's console, and what is typed as it stands there.
    r"|EncodingAESKey|\bToken\b|access token|wx[0-9a-z]{16}|thing1 = title|\btitle\b|\bbody\b|key="
)
WORD = re.compile(r"[A-Za-z]{3,}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NOT_READ = {"script", "style", "template", "svg", "code", "pre", "kbd"}
# Class of the icon font, which draws icons from names that are not read.
ICONS = "material-symbols"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
READ_OUT = ("alt", "aria-label", "title", "placeholder")


class Words(HTMLParser):
    """Words of a page: text, and attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.found: list[str] = []

    @property
    def is_silent(self) -> bool:
        return any(silent for _tag, silent in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if not self.is_silent:
            self.found += [given[name] or "" for name in READ_OUT if given.get(name)]
            if tag == "input" and given.get("type") in {"submit", "button"}:
                self.found.append(given.get("value") or "")
        if tag in VOID:
            return
        is_marked = (given.get("lang") or "") in {"en", "zh-Hans"} and tag != "html"
        silent = tag in NOT_READ or is_marked or ICONS in (given.get("class") or "")
        self.open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.is_silent:
            self.found.append(data.strip())


def words_of(html: str) -> list[str]:
    reader = Words()
    reader.feed(html)
    return reader.found


def foreign_words(html: str, language: str, typed: re.Pattern[str]) -> list[str]:
    """Returns words that are not in the page's language, apart from text that people typed."""
    found = []
    for text in words_of(html):
        ours = typed.sub("", text)
        if language == "zh-hans":
            found += [text] if WORD.search(LATIN_IN_CHINESE.sub("", ours)) else []
        elif CHINESE.search(ours.replace("中文", "")):
            found.append(text)
    return found


CALL = re.compile(r'<a\b[^>]*href="(tel:[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def calls_that_look_alike(html: str) -> list[str]:
    """Words of buttons that call different numbers of one page: nobody can tell whom they call."""
    numbers: dict[str, set[str]] = {}
    for number, inner in CALL.findall(html):
        numbers.setdefault(" ".join(TAG.sub("", inner).split()), set()).add(number)
    return sorted(words for words, called in numbers.items() if len(called) > 1)


FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
FREE_WORDS = re.compile(r"<textarea\b(?![^>]*\bhidden\b)[^>]*name=\"(\w+)\"")


def words_without_recorder(html: str) -> list[str]:
    """Returns the names of fields for sentences in forms that offer no recorder to who would rather speak."""
    forms = (one for one in FORM.findall(html) if "data-record " not in one)
    return [name for form in forms for name in FREE_WORDS.findall(form)]


# What a time can be chosen by: a button or a link around its words, a round mark before its label.
CHOSEN = re.compile(
    r"<(?P<tag>a|button)\b(?P<of>[^>]*)>(?P<words>.*?)</(?P=tag)>|<input\b(?P<radio>[^>]*)>(?P<label>.*?)</label>",
    re.DOTALL,
)
SLOT = re.compile(r"[?;&]slot=(\d+)")
MARKED = re.compile(r"满|候补|等候|\bfull\b|\bwait")


def chosen_times(html: str) -> dict[int, bool]:
    """Returns the keys of the times that a page lets one choose, and whether each says that it is full."""
    found = {}
    for one in CHOSEN.finditer(html):
        attributes = one["of"] or one["radio"] or ""
        if one["radio"] is not None and 'type="radio"' not in attributes:
            continue
        key = SLOT.search(attributes)
        if not key and 'name="slot"' in attributes and "disabled" not in attributes:
            key = re.search(r'value="(\d+)"', attributes)
        if key:
            found[int(key[1])] = bool(MARKED.search(TAG.sub("", one["words"] or one["label"] or "")))
    return found
