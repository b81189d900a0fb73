"""Every message that can be sent: its words in the inbox, and its parameters as an SMS.

The apps declare their messages, each in its ``messages.py``. A message stands in the inbox in the reader's
language, because it is kept as a name and parameters and put into words when it is shown. An SMS has no words
here at all: they are in the template that the operator approved; we send its parameters.
"""

from collections.abc import Callable, Mapping
from typing import Any

from community.core.money import as_yuan
from community.core.services import registry

# What is stored as a number and shown as people write it: a parameter, the name in the sentence.
SHOWN_AS: dict[str, tuple[str, Callable[[Any], str]]] = {"fen": ("price", as_yuan)}
# Sent at once and by SMS only: the code for signing in.
SIGN_IN_CODE = "sign_in_code"


def kept(template: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Of what the caller knows only what this message says: the rest is not stored a second time.

    Raises ``ValueError`` for a message that no app declares or that lacks a parameter.
    """
    entry = registry.message(template)
    if entry is None:
        raise ValueError(f"no message is called {template!r}")
    missing = [name for name in entry.needs if name not in params]
    if missing:
        raise ValueError(f"{template} needs {', '.join(missing)}")
    return {name: params[name] for name in entry.needs}


def in_words(template: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Title and sentence in the active language; a message that is gone shows its name."""
    entry = registry.message(template)
    if entry is None:
        return template, ""
    return str(entry.title), str(entry.body) % _shown(params)


def title_of(template: str) -> str:
    """The title of a message; a message that is gone, and a filter's "all", stay as they are."""
    entry = registry.message(template)
    return str(entry.title) if entry else template


def icon_of(template: str) -> str:
    """The icon beside a message in the inbox."""
    entry = registry.message(template)
    return entry.icon if entry else "bell"


def sms_params(template: str, params: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of the approved SMS template, each at most 35 characters (the operators' limit)."""
    shown = _shown(params)
    entry = registry.message(template)
    return {name: str(shown[name])[:35] for name in (entry.sms if entry else None) or ()}


def has_sms(template: str) -> bool:
    entry = registry.message(template)
    return entry is not None and entry.sms is not None


def _shown(params: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(params)
    for name, (label, words) in {**SHOWN_AS, **registry.message_words()}.items():
        if name in shown:
            shown[label] = words(shown[name])
    return shown
