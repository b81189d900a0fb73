"""Words for the codes of audit records."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from community.core.services.registry import acts, codes

Words = Promise | str

ACTS: dict[str, Words] = {
    "sign_in": pgettext_lazy("act", "Sign in"),
    "virus_found": gettext_lazy("Virus in a file, not taken"),
    "sign_out": pgettext_lazy("act", "Sign out"),
    "wechat_bound": gettext_lazy("Sign-in by WeChat allowed"),
    "wechat_unbound": gettext_lazy("Sign-in by WeChat ended"),
    "code_sent": gettext_lazy("Code for signing in sent"),
    "number_read": gettext_lazy("Mobile number read"),
    "number_changed": gettext_lazy("Mobile number changed"),
    "owner_changed": gettext_lazy("Owner of a home changed"),
    "roster_added": gettext_lazy("Line of the roster added"),
    "roster_corrected": gettext_lazy("Line of the roster corrected"),
    "roster_ended": gettext_lazy("Line of the roster ended"),
    "roster_number": gettext_lazy("Number in the roster changed"),
    "renamed": gettext_lazy("Name changed"),
    "mode_set_for": gettext_lazy("Large type set for somebody"),
    "handed_over": gettext_lazy("Asked family for help"),
    "password_changed": gettext_lazy("Password changed"),
    "password_given": gettext_lazy("Right password given, second factor asked"),
    "second_factor": gettext_lazy("Second factor given"),
    "factor_added": gettext_lazy("Second factor added"),
    "factor_removed": gettext_lazy("Second factor removed"),
    "factor_codes_made": gettext_lazy("Recovery codes made"),
    "factor_reset_asked": gettext_lazy("Reset of a second factor asked for"),
    "factor_reset": gettext_lazy("Second factor reset"),
    "factor_reset_declined": gettext_lazy("Reset of a second factor declined"),
    "staff_account_made": gettext_lazy("Account of staff made"),
    "staff_account_ended": gettext_lazy("Account of staff ended"),
    "staff_link_made": gettext_lazy("Link for a password made"),
    "approval_asked": gettext_lazy("Act by two asked for"),
    "approval_done": gettext_lazy("Act by two agreed to and done"),
    "approval_declined": gettext_lazy("Act by two not agreed to"),
    "administration_given": gettext_lazy("Administrator appointed"),
    "administration_ended": gettext_lazy("Administration ended"),
    "staff_role_given": gettext_lazy("Role given"),
    "staff_role_ended": gettext_lazy("Role taken away"),
    "token_made": gettext_lazy("Key for programs made"),
    "token_extended": gettext_lazy("Key for programs made to last longer"),
    "token_revoked": gettext_lazy("Key for programs revoked"),
    "residency_asked": gettext_lazy("Asked for a home"),
    "residency_approved": gettext_lazy("Resident accepted"),
    "residency_declined": gettext_lazy("Resident declined"),
    "residency_ended": gettext_lazy("Residency ended"),
    "residency_added": gettext_lazy("Resident registered"),
    "residency_added_at_door": gettext_lazy("Resident registered at the door"),
    "consent_given": gettext_lazy("Consent given"),
    "consent_withdrawn": gettext_lazy("Consent withdrawn"),
    "own_copy_asked": gettext_lazy("Copy of one's own data asked for"),
    "own_copy_made": gettext_lazy("Copy of one's own data made"),
    "own_copy_fetched": gettext_lazy("Copy of one's own data fetched"),
    "erasure_asked": gettext_lazy("Deletion of a person asked for"),
    "erasure_agreed": gettext_lazy("Deletion of a person agreed to"),
    "erasure_dropped": gettext_lazy("Deletion of a person taken back"),
    "person_erased": gettext_lazy("Person deleted"),
    "delegation_given": gettext_lazy("Delegation given"),
    "delegation_offered": gettext_lazy("Delegation offered"),
    "delegation_accepted": gettext_lazy("Delegation accepted"),
    "delegation_ended": gettext_lazy("Delegation ended"),
    "delegation_noted": gettext_lazy("Delegation noted at the desk"),
    "family_invited": gettext_lazy("Family invited by a link"),
    "family_invitation_taken": gettext_lazy("Family link taken"),
    "family_invitation_dropped": gettext_lazy("Family link withdrawn"),
    "delegation_proposed": gettext_lazy("Delegation proposed"),
    "delegation_agreed": gettext_lazy("Delegation agreed to"),
    "delegation_refused": gettext_lazy("Delegation refused"),
    "delegation_paper_read": gettext_lazy("Signed paper of a delegation looked at"),
    "calendar.year_entered": gettext_lazy("Holidays of a year entered"),
    "notice_roster_told": gettext_lazy("Notice sent by SMS to the roster"),
    "outbox.send_again": gettext_lazy("Message sent again"),
    "office.added": gettext_lazy("Added in the back office"),
    "office.changed": gettext_lazy("Changed in the back office"),
    "office.deleted": gettext_lazy("Deleted in the back office"),
    "on_behalf": gettext_lazy("Done for somebody else"),
    "page_asked": gettext_lazy("Page asked for"),
    "file_read": gettext_lazy("File of a person opened"),
    "export.arrears": gettext_lazy("Arrears exported"),
    "export.takings": gettext_lazy("Takings exported"),
    "export.figures": gettext_lazy("Figures exported"),
    "export.figure_rows": gettext_lazy("Rows of a figure exported"),
    "export.notice_doors": gettext_lazy("Doors of a notice exported"),
}
OUTCOMES: dict[str, Words] = {
    "ok": pgettext_lazy("outcome", "done"),
    "wrong": pgettext_lazy("outcome", "wrong code or password"),
    "locked": pgettext_lazy("outcome", "locked after wrong guesses"),
    "refused": pgettext_lazy("outcome", "refused"),
    "not_found": pgettext_lazy("outcome", "not there, or not theirs"),
    "used_up": pgettext_lazy("outcome", "code used up"),
    "folding": pgettext_lazy("outcome", "more are only counted"),
    "folded": pgettext_lazy("outcome", "counted"),
}
DETAILS: dict[str, Words] = {
    "rows": pgettext_lazy("detail", "rows"),
    "filters": pgettext_lazy("detail", "narrowed by"),
    "fields": pgettext_lazy("detail", "fields"),
    "numbers": pgettext_lazy("detail", "whole numbers"),
    "edition": pgettext_lazy("detail", "edition"),
    "first": pgettext_lazy("detail", "first password"),
    "kind": pgettext_lazy("detail", "kind"),
    "way": pgettext_lazy("detail", "by"),
    "purpose": pgettext_lazy("detail", "what for"),
    "version": pgettext_lazy("detail", "version"),
    "entry": pgettext_lazy("detail", "entry no."),
    "factor": pgettext_lazy("detail", "second step"),
    "reference": pgettext_lazy("detail", "reference"),
    "fen": pgettext_lazy("detail", "amount in fen"),
    "count": pgettext_lazy("detail", "how many"),
    "of": pgettext_lazy("detail", "of"),
    "since": pgettext_lazy("detail", "since"),
    "network": pgettext_lazy("detail", "network"),
    "written": pgettext_lazy("detail", "written singly"),
    "user": pgettext_lazy("detail", "person no."),
    "person": pgettext_lazy("detail", "person no."),
    "delegate": pgettext_lazy("detail", "delegate no."),
    "proposed_by": pgettext_lazy("detail", "proposed by no."),
    "asked_by": pgettext_lazy("detail", "asked by no."),
    "estate": pgettext_lazy("detail", "estate no."),
    "role": pgettext_lazy("detail", "role"),
    "roles": pgettext_lazy("detail", "roles"),
    "starts_on": pgettext_lazy("detail", "first day"),
    "ends_on": pgettext_lazy("detail", "last day"),
    "days": pgettext_lazy("detail", "days"),
    "alone": pgettext_lazy("detail", "by one, as nobody else could agree"),
    "scopes": pgettext_lazy("detail", "scopes"),
    "services": pgettext_lazy("detail", "services"),
    "checked": pgettext_lazy("detail", "checked"),
    "before": pgettext_lazy("detail", "before"),
    "after": pgettext_lazy("detail", "after"),
    "lines": pgettext_lazy("detail", "lines"),
    "tokens": pgettext_lazy("detail", "keys ended"),
    "shifts": pgettext_lazy("detail", "shifts"),
    "to": pgettext_lazy("detail", "to no."),
    "large": pgettext_lazy("detail", "large type"),
    "item": pgettext_lazy("detail", "fee no."),
    "period": pgettext_lazy("detail", "month"),
    "from_on": pgettext_lazy("detail", "from"),
    "new": pgettext_lazy("detail", "rows added"),
    "update": pgettext_lazy("detail", "rows changed"),
    "delete": pgettext_lazy("detail", "rows deleted"),
    "skip": pgettext_lazy("detail", "rows unchanged"),
    "deleted": pgettext_lazy("detail", "rows deleted"),
    "restored": pgettext_lazy("detail", "rows as before"),
    "request_id": pgettext_lazy("detail", "request no."),
    "how": pgettext_lazy("detail", "how"),
    "rate_hao": pgettext_lazy("detail", "rate in 0.0001 yuan"),
    "rate_bp": pgettext_lazy("detail", "of 10,000 a day"),
    "grace_days": pgettext_lazy("detail", "days of grace"),
    "after_days": pgettext_lazy("detail", "days after the last day to pay"),
    "by_sms": pgettext_lazy("detail", "by SMS too"),
    "homes": pgettext_lazy("detail", "homes"),
    "bills": pgettext_lazy("detail", "bills"),
    "number": pgettext_lazy("detail", "number"),
    "arrears_fen": pgettext_lazy("detail", "arrears in fen"),
    "prepaid_fen": pgettext_lazy("detail", "paid ahead in fen"),
    "difference_fen": pgettext_lazy("detail", "difference in fen"),
    "serial": pgettext_lazy("detail", "no. of the meter"),
    "off": pgettext_lazy("detail", "off, of 10000"),
    "to_on": pgettext_lazy("detail", "last day"),
    "day_on": pgettext_lazy("detail", "first day of the sheet"),
    "page": pgettext_lazy("detail", "address"),
    "keys": pgettext_lazy("detail", "numbers in it"),
    "step": pgettext_lazy("detail", "step"),
    "checksum": pgettext_lazy("detail", "checksum"),
    "account": pgettext_lazy("detail", "official account no."),
    "sessions": pgettext_lazy("detail", "sessions ended"),
    "why": pgettext_lazy("detail", "because of"),
}
VALUES: dict[str, Words] = {
    "q": pgettext_lazy("detail", "words looked for"),
    "code": pgettext_lazy("way", "code"),
    "password": pgettext_lazy("way", "password"),
    "demo": pgettext_lazy("way", "demo"),
    "wechat": pgettext_lazy("way", "WeChat"),
    "paper": pgettext_lazy("way", "signed paper"),
    "phone": pgettext_lazy("way", "telephone"),
    "desk": pgettext_lazy("way", "at the desk"),
    "page": pgettext_lazy("way", "on their own page"),
}


def register_words(values: Mapping[str, Words]) -> None:
    """Adds an app's words for codes in details."""
    for code, words in values.items():
        VALUES.setdefault(code, words)


def known_acts() -> dict[str, Words]:
    """Returns the words for all acts that have any, by code."""
    return {**acts(), **ACTS}


def act(code: str) -> str:
    """Returns an act in words: ``number_read`` → "Mobile number read". Unknown codes are returned unchanged."""
    if words := ACTS.get(code) or acts().get(code):
        return str(words)
    kind, _dot, rest = code.partition(".")
    if kind == "export" and rest.startswith("takings-"):
        return str(ACTS["export.takings"])
    if kind == "export" and (model := _model(rest)):
        return _("%(what)s exported") % {"what": model._meta.verbose_name_plural}
    if kind == "import" and (model := _model(rest)):
        return _("%(what)s imported") % {"what": model._meta.verbose_name_plural}
    if kind == "import_undone" and (model := _model(rest)):
        return _("Import of %(what)s undone") % {"what": model._meta.verbose_name_plural}
    return code


def outcome(code: str) -> str:
    return str(OUTCOMES.get(code, code))


def target(text: str) -> str:
    """Returns a target in words: ``repairs.repair:12`` → "repair 12"."""
    label, _colon, key = text.rpartition(":")
    model = _model(label)
    return f"{model._meta.verbose_name} {key}" if model else text


def step(on: str, code: str) -> str:
    """Returns a step without a key: ``repairs.repair:12`` and ``new`` → "repair: reported"."""
    model = _model(on.partition(":")[0])
    if model is None:
        return code
    return _("%(what)s: %(state)s") % {"what": model._meta.verbose_name, "state": _status(code, model)}


def detail(of: Mapping[str, Any], about: str = "") -> str:
    """Returns details with their names; field names belong to ``about``: a target or an act ``export.…``."""
    model = _model(about.partition(":")[0].removeprefix("export."))
    separator, between = _(": "), _("; ")
    return between.join(
        f"{DETAILS.get(name, name)}{separator}{_value(name, value, model)}" for name, value in of.items()
    )


def _value(name: str, value: Any, model: type[Model] | None) -> str:
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, list):
        return "、".join(_value(name, one, model) for one in value)
    if name in ("fields", "filters") and model is not None:
        return _field(str(value), model)
    if name == "step" and model is not None:
        return _status(str(value), model)
    if name == "of":
        return outcome(str(value))
    if name == "period" or name.endswith("_on"):
        return _day(str(value))
    code = str(value)
    return str(VALUES[code] if code in VALUES else codes().get(code, code))


def _day(text: str) -> str:
    """Writes a day that a detail keeps as ``2026-11-30`` as pages do; any other text is returned unchanged."""
    try:
        return date_format(date.fromisoformat(text), "DATE_FORMAT")
    except ValueError:
        return text


def _status(code: str, model: type[Model]) -> str:
    try:
        return str(dict(model._meta.get_field("status").flatchoices).get(code, code))  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return code


def _field(name: str, model: type[Model]) -> str:
    name = name.partition("__")[0]
    try:
        return str(model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except (FieldDoesNotExist, AttributeError):
        return str(VALUES.get(name, name))


def _model(label: str) -> type[Model] | None:
    app, _dot, name = label.partition(".")
    try:
        return apps.get_model(app, name)
    except (LookupError, ValueError):
        return None
