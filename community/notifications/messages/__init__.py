"""Every message that can be sent: its words in the inbox, and its parameters as an SMS.

One table, in a file a service. A message stands in the inbox in the reader's language, because it is kept as a name
and parameters and put into words when it is shown. An SMS has no words here at all: they are in
the template that the operator approved; we send its parameters.
"""

from collections.abc import Callable, Mapping
from typing import Any

from community.core.money import as_yuan
from community.notifications.messages import (
    care,
    feedback,
    fees,
    help_calls,
    notices,
    people,
    renovation,
    repairs,
)
from community.notifications.messages.template import Template

# What is stored as a number and shown as people write it: a parameter, the name in the sentence.
SHOWN_AS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "fen": ("price", as_yuan),
    "is_drill": ("kind", help_calls.kind_of),
}
TEMPLATES: dict[str, Template] = {
    **repairs.TEMPLATES,
    **people.TEMPLATES,
    **fees.TEMPLATES,
    **care.TEMPLATES,
    **help_calls.TEMPLATES,
    **renovation.TEMPLATES,
    **feedback.TEMPLATES,
    **notices.TEMPLATES,
}
# Sent at once and by SMS only: the code for signing in.
SIGN_IN_CODE = "sign_in_code"


def kept(template: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Of what the caller knows only what this message says: the rest is not stored a second time.

    Raises ``ValueError`` for a message that is not in the table or lacks a parameter.
    """
    if template not in TEMPLATES:
        raise ValueError(f"no message is called {template!r}")
    needs = TEMPLATES[template].needs
    missing = [name for name in needs if name not in params]
    if missing:
        raise ValueError(f"{template} needs {', '.join(missing)}")
    return {name: params[name] for name in needs}


def in_words(template: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Title and sentence in the active language; a message that is gone shows its name."""
    entry = TEMPLATES.get(template)
    if entry is None:
        return template, ""
    return str(entry.title), str(entry.body) % _shown(params)


def icon_of(template: str) -> str:
    """The icon beside a message in the inbox."""
    return TEMPLATES[template].icon if template in TEMPLATES else "bell"


def sms_params(template: str, params: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of the approved SMS template, each at most 35 characters (the operators' limit)."""
    shown = _shown(params)
    return {name: str(shown[name])[:35] for name in TEMPLATES[template].sms or ()}


def has_sms(template: str) -> bool:
    return TEMPLATES[template].sms is not None


def _shown(params: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(params)
    for name, (label, words) in SHOWN_AS.items():
        if name in shown:
            shown[label] = words(shown[name])
    return shown
