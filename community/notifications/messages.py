"""Words of all messages in the inbox, and parameters of those sent by SMS.

Apps declare their messages in ``messages.py``. A message is stored as a name and parameters and put into
words in the reader's language. The words of an SMS are in the template that the operator approved; we send
its parameters.
"""

from collections.abc import Callable, Mapping
from typing import Any

from community.core import dates
from community.core.money import as_yuan
from community.core.services import registry

# Parameters stored as a number: the name in the sentence, and the words.
SHOWN_AS: dict[str, tuple[str, Callable[[Any], str]]] = {"fen": ("price", as_yuan)}
# The code for signing in, sent at once and by SMS only.
SIGN_IN_CODE = "sign_in_code"


def kept(template: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the parameters that the message stores.

    Raises ``ValueError`` for an undeclared message or a missing parameter.
    """
    entry = registry.message(template)
    if entry is None:
        raise ValueError(f"no message is called {template!r}")
    missing = [name for name in entry.needs if name not in params]
    if missing:
        raise ValueError(f"{template} needs {', '.join(missing)}")
    return {name: params[name] for name in entry.needs}


def in_words(template: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Returns title and sentence in the active language; the name of a message that no longer exists."""
    entry = registry.message(template)
    if entry is None:
        return template, ""
    shown = {
        name: dates.stored_in_words(value) if isinstance(value, str) else value
        for name, value in {**entry.defaults, **params}.items()
    }
    return str(entry.title), str(entry.body) % _shown(shown)


def title_of(template: str) -> str:
    """Returns the title of a message; other names, such as a filter's "all", unchanged."""
    entry = registry.message(template)
    return str(entry.title) if entry else template


def icon_of(template: str) -> str:
    """Returns the icon beside a message in the inbox."""
    entry = registry.message(template)
    return entry.icon if entry else "bell"


def sms_params(template: str, params: Mapping[str, Any]) -> dict[str, str]:
    """Returns the parameters of the approved SMS template, each at most 35 characters (the operators' limit)."""
    shown = _shown(params)
    entry = registry.message(template)
    return {name: str(shown[name])[:35] for name in (entry.sms if entry else None) or ()}


def has_sms(template: str) -> bool:
    entry = registry.message(template)
    return entry is not None and entry.sms is not None


def is_sms_too(template: str) -> bool:
    """Whether an SMS is sent also to those whom WeChat reaches."""
    entry = registry.message(template)
    return entry is not None and entry.sms_too


def values_of(template: str, params: Mapping[str, Any]) -> dict[str, str]:
    """Returns all values that a template of WeChat may name: title, body and parameters, in words."""
    title, body = in_words(template, params)
    entry = registry.message(template)
    given = {**(entry.defaults if entry else {}), **params}
    shown = {
        name: dates.stored_in_words(value) if isinstance(value, str) else value
        for name, value in given.items()
    }
    return {name: str(value) for name, value in _shown(shown).items()} | {"title": title, "body": body}


def _shown(params: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(params)
    for name, (label, words) in {**SHOWN_AS, **registry.message_words()}.items():
        if name in shown:
            shown[label] = words(shown[name])
    return shown
