"""Django's tags for words, addresses and static files, which find out only once what never differs.

In place of Django's libraries ``i18n`` and ``static`` and of its tag ``url`` (``TEMPLATES`` in the settings),
for the templates of packages too. They print what Django's print.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django import template
from django.conf import settings
from django.template import Context, Node, defaulttags
from django.template.base import FilterExpression, Parser, Token, Variable
from django.templatetags import i18n, static
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape
from django.utils.translation import get_language

from community.core.expiring import names_that_expire, with_end

register = template.Library()
register.tags.update(i18n.register.tags | static.register.tags)
register.filters.update(i18n.register.filters | static.register.filters)

# Stands for the first key in an address, one more for each next one.
_FIRST_KEY = 7_000_000_000


def _never_differs(expression: FilterExpression | None) -> bool:
    """Whether the expression is a text or a number, without filters."""
    if expression is None:
        return True
    var = expression.var
    return not expression.filters and (not isinstance(var, Variable) or var.literal is not None)


def _found_once(context: Context) -> dict[Any, Any]:
    """Returns what is found out once for each rendering of a template with all that it includes."""
    return context.render_context.dicts[0]  # type: ignore[return-value]


def _language(context: Context) -> str | None:
    known = _found_once(context)
    if _language not in known:
        known[_language] = get_language()
    language: str | None = known[_language]
    return language


class OtherLanguageNode(i18n.LanguageNode):
    """``{% language %}``, inside which words are of that language."""

    def __init__(self, node: i18n.LanguageNode) -> None:
        self.__dict__.update(node.__dict__)

    def render(self, context: Context) -> str:
        known = _found_once(context)
        outside = known.pop(_language, get_language())
        try:
            return super().render(context)
        finally:
            known[_language] = outside


@register.tag("language")
def language(parser: Parser, token: Token) -> Node:
    """Django's tag."""
    return OtherLanguageNode(i18n.language(parser, token))


class WordsNode(i18n.TranslateNode):
    """``{% translate "…" %}`` with its words in each language."""

    def __init__(self, node: i18n.TranslateNode) -> None:
        self.__dict__.update(node.__dict__)
        self.target, self.asvar = node.asvar, None
        self.words: dict[tuple[str | None, bool], str] = {}

    def render(self, context: Context) -> str:
        key = (_language(context), context.autoescape)
        words = self.words.get(key)
        if words is None:
            words = self.words[key] = super().render(context)
        if self.target is None:
            return words
        context[self.target] = words
        return ""


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    """Django's tag, kept for each language if nothing in it is a variable."""
    node = i18n.do_translate(parser, token)
    is_kept = _never_differs(node.filter_expression) and _never_differs(node.message_context)
    return WordsNode(node) if is_kept else node


class SentenceNode(i18n.BlockTranslateNode):
    """``{% blocktranslate %}`` that puts its text together once."""

    def __init__(self, node: i18n.BlockTranslateNode) -> None:
        self.__dict__.update(node.__dict__)
        self.texts = {id(one): super(SentenceNode, self).render_token_list(one) for one in self._parts()}

    def _parts(self) -> list[Any]:
        return [one for one in (self.singular, self.plural) if one is not None]

    def render_token_list(self, tokens: Any) -> tuple[str, list[str]]:
        text, names = self.texts[id(tokens)]
        return text, [*names]


@register.tag("blocktranslate")
@register.tag("blocktrans")
def blocktranslate(parser: Parser, token: Token) -> Node:
    """Django's tag."""
    return SentenceNode(i18n.do_block_translate(parser, token))


class AddressNode(defaulttags.URLNode):
    """``{% url %}`` that takes an address apart once, where only keys of rows differ."""

    def __init__(self, node: defaulttags.URLNode) -> None:
        self.__dict__.update(node.__dict__)
        # Its arguments, as far as they are texts; None stands for each other one.
        self.fixed = tuple(one.resolve(Context()) if _never_differs(one) else None for one in self.args)
        self.keys = [one for one in self.args if not _never_differs(one)]

    def render(self, context: Context) -> str:
        name, here = self.view_name.resolve(context), _here(context)
        if not isinstance(name, str):
            return super().render(context)
        if name in names_that_expire(here[0]):
            return self._ending(context, name, here[0])
        keys = [one.resolve(context) for one in self.keys]
        if not all(type(one) is int and one >= 0 for one in keys):
            return super().render(context)
        pieces = _pieces(name, self.fixed, *here)
        if pieces is None:
            return super().render(context)
        address = pieces[0] + "".join(f"{key}{piece}" for key, piece in zip(keys, pieces[1:], strict=True))
        return self._put(context, address)

    def _ending(self, context: Context, name: str, urlconf: str) -> str:
        """Writes the address of a person's file, which ends with the hour and the session."""
        try:
            address = reverse(name, urlconf, [one.resolve(context) for one in self.args])
        except NoReverseMatch:
            return super().render(context)
        return self._put(context, with_end(address, getattr(context, "request", None)))

    def _put(self, context: Context, address: str) -> str:
        if self.asvar:
            context[self.asvar] = address
            return ""
        return conditional_escape(address) if context.autoescape else address


def _here(context: Context) -> tuple[str, str]:
    """Returns the module of addresses and what stands before each, found out once for a page."""
    known = _found_once(context)
    if _here not in known:
        known[_here] = (get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
    here: tuple[str, str] = known[_here]
    return here


@cache
def _pieces(name: str, args: tuple[Any, ...], urlconf: str, prefix: str) -> Sequence[str] | None:
    """Returns the address between its keys; None for one that is not made of them alone."""
    if ":" in name:
        return None
    filled = [_FIRST_KEY + number if one is None else one for number, one in enumerate(args)]
    marks = [one for one, fixed in zip(filled, args, strict=True) if fixed is None]
    try:
        rest = reverse(name, args=filled)
    except NoReverseMatch:
        return None
    pieces = []
    for mark in marks:
        before, found, rest = rest.partition(str(mark))
        if not found:
            return None
        pieces.append(before)
    return [*pieces, rest]


@register.tag("url")
def url(parser: Parser, token: Token) -> Node:
    """Django's tag; addresses with names of their arguments as Django does."""
    node = defaulttags.url(parser, token)
    return node if node.kwargs else AddressNode(node)


class FileNode(static.StaticNode):
    """``{% static "…" %}`` with its address."""

    def __init__(self, node: static.StaticNode) -> None:
        self.__dict__.update(node.__dict__)
        self.known = ""

    def url(self, context: Context) -> str:
        self.known = self.known or super().url(context)
        return self.known


@register.tag("static")
def static_file(parser: Parser, token: Token) -> Node:
    """Django's tag, kept if its path is no variable."""
    node = static.do_static(parser, token)
    return FileNode(node) if _never_differs(node.path) else node
