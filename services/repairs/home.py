"""Repairs on the resident's home page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User, access_of
from community.core import clock
from community.core.money import short_yuan
from community.core.search.filtering import Ways
from community.core.services.home import (
    FamilyLine,
    Home,
    HomeDoor,
    HomeLink,
    Matter,
    MatterSource,
    Waiting,
    WelcomeLine,
)
from community.core.services.words import Words
from services.repairs import KEY, actions, timeline
from services.repairs.forms.resident import WordsForm
from services.repairs.models import Repair, RepairDraft

# Steps whose words have no draft, with their names.
ANSWERING = {
    "repair_add_words": _("Add to the repair"),
    "repair_cancel": _("Cancel the repair"),
    "repair_confirm": _("Say that it is mended"),
    "repair_rate": _("Rate the repair"),
    "repair_reopen": _("Have it mended again"),
}
REPORTING = ("report_begin", "report_place", "report_words", "report_suits", "report_check")

S = Repair.Status
# Statuses in which the resident must answer, the most pressing first, with the address of the answer and the sentence.
ANSWERS: dict[str, tuple[str, Words]] = {
    S.QUOTED: ("repair_quote", _("A price of %(price)s: do you agree?")),
    S.WAITING_FOR_RESIDENT: ("repair", _("The worker waits for your answer")),
    S.DONE: ("repair", _("%(what)s: is it mended?")),
}


def _rows(user: User) -> QuerySet[Repair]:
    return Repair.objects.of_household(user)


def _joined(rows: QuerySet[Repair]) -> QuerySet[Repair]:
    return rows.select_related("category", "resident", "worker")


def _open(rows: QuerySet[Repair]) -> QuerySet[Repair]:
    order = [When(status=status, then=Value(number)) for number, status in enumerate(ANSWERS)]
    waits = Case(*order, default=Value(len(ANSWERS)))
    return rows.exclude(status__in=Repair.FINISHED).order_by(waits, "-created_at", "-pk")


def _waiting(repair: Repair, reader: User) -> Waiting | None:
    # Others of the household see the repair, and cannot answer for the resident.
    if repair.status not in ANSWERS or repair.resident_id not in access_of(reader).people(KEY):
        return None
    page, words = ANSWERS[repair.status]
    known = {"price": short_yuan(repair.quote_fen or 0), "what": repair.category.label}
    return Waiting(
        words=str(words) % known,
        url=reverse(page, args=[repair.pk]),
        icon="tool",
        about="" if repair.status == S.DONE else repair.category.label,
        resident=repair.resident,
    )


def _show(repair: Repair, reader: User, now: datetime) -> Matter:
    worker = gettext("%(worker)s takes care of it") % {"worker": repair.worker.name} if repair.worker else ""
    return Matter(
        title=repair.category.label,
        url=reverse("repair", args=[repair.pk]),
        icon=repair.category.icon or "tool",
        tone="repair",
        tag=repair.get_status_display(),
        tag_tone=timeline.tone(repair),
        sub=worker,
        resident=repair.resident,
        steps=timeline.line(repair),
        waiting=_waiting(repair, reader),
    )


def _quote_step(resident: User, arguments: Mapping[str, Any]) -> str:
    """Returns the name of the step with the price, if the repair is the resident's."""
    quoted = Repair.objects.visible_to(resident).filter(pk=arguments["pk"], status=S.QUOTED).first()
    price = short_yuan(quoted.quote_fen or 0) if quoted else ""
    return gettext("Agree to the price %(price)s") % {"price": price} if quoted else gettext("Repair")


def _store_words(by: User, arguments: Mapping[str, Any], fields: Mapping[str, list[str]]) -> None:
    """Stores the words, and the pictures that have gone up, in the draft of the report."""
    draft = RepairDraft.objects.visible_to(by).filter(pk=arguments["draft_id"]).first()
    form = WordsForm(MultiValueDict(fields))
    if draft is None or not form.is_valid():
        return
    actions.answer_report(draft=draft, by=by, description=form.cleaned_data["description"])
    for upload in form.cleaned_data["pictures"]:
        actions.add_picture_to_draft(draft=draft, by=by, upload=upload, now=clock.now())


HOME = Home(
    matters=(
        MatterSource(
            key="repairs",
            position=10,
            label=_("Repairs"),
            rows=_rows,
            joined=_joined,
            show=_show,
            open=_open,
            sealed=("description",),
            in_words=Ways(
                people=("resident",), homes=("home",), references=("reference",), words=("category__name",)
            ),
        ),
    ),
    steps={
        "repair_quote": _quote_step,
        **ANSWERING,
        **dict.fromkeys(REPORTING, _("Report a repair")),
    },
    typed={"report_words": _store_words},
    handed={step: step for step in ANSWERING},
    doors=(
        HomeDoor(
            position=20,
            url_name="report_begin",
            label=_("Repairs"),
            icon="tool",
            kind="repair",
            hint=_("Broken?"),
        ),
    ),
    tiles=(HomeLink(position=10, url_name="report_begin", label=_("Repairs"), icon="tool", tone="repair"),),
    more=(HomeLink(position=30, url_name="repairs", label=_("My repairs"), icon="clipboard", tone="repair"),),
    family=FamilyLine(
        position=20,
        url_name="report_begin",
        button=_("Repairs"),
        icon="tool",
        tone="repair",
    ),
    welcome=(
        WelcomeLine(
            position=10,
            title=_("Report a repair"),
            sub=_("With a picture; follow who comes and when"),
            icon="tool",
            tone="repair",
        ),
    ),
)
