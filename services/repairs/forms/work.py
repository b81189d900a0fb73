"""Forms of the worker's phone page. Each sends a key, so that repeated sending counts once."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from community.core.amounts import YuanField
from community.core.errors import ActionError
from community.core.money import as_yuan
from services.common.forms import PicturesField
from services.common.submissions import submit_once
from services.common.verb_forms import words_field
from services.common.work_forms import PicturesSentOnceForm
from services.repairs import actions
from services.repairs.models import Repair, RepairPicture

MAX_WAITING = 999
# Unix time of the year 2100.
MAX_TIMESTAMP = 4_102_444_800
PRICE_WORDS = {
    "required": _("Please enter the price."),
    "invalid": _("Please enter the price in figures, such as 68.50."),
    "places": _("A price has two decimals at most."),
    "too_small": _("The price must be more than 0."),
    "too_large": _("The price can be 100,000 yuan at most."),
}


class WrongSender(ActionError):
    """Raised when the form comes from a page of a worker who is no longer signed in."""

    def __init__(self) -> None:
        super().__init__("other_person", _("Somebody else is signed in now. Please open the job again."))


class WorkForm(PicturesSentOnceForm):
    """Base of the worker's verbs: sent once by key, and only by the person who opened the page."""

    # Slugs of verbs that make this one possible while the phone is offline.
    after: ClassVar[tuple[str, ...]] = ()
    sender = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, repair: Repair, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.repair = repair
        self.initial["sender"] = self.by.pk

    def act(self, *, now: datetime) -> None:
        self.check_sender()
        self.prepare(now=now)
        submit_once(
            key=self.derived_key(self.slug),
            worker=self.by,
            job=self.repair.ref,
            act=lambda: self.work(now=now),
            now=now,
        )

    def check_sender(self) -> None:
        if self.cleaned_data["sender"] != self.by.pk:
            raise WrongSender

    def prepare(self, *, now: datetime) -> None:
        """Does slow work before the transaction, such as storing pictures."""

    def work(self, *, now: datetime) -> None:
        raise NotImplementedError

    def store_pictures(self, *, shows: str, uploads: list[Any], key: UUID, now: datetime) -> None:
        actions.add_work_pictures(
            repair=self.repair, by=self.by, shows=shows, uploads=uploads, key=key, now=now
        )


class TakeForm(WorkForm):
    slug, verb, icon = "take", "take_repair", "plus"
    title = button = _("Take this job")
    short = _("Take")

    def work(self, *, now: datetime) -> None:
        actions.take_repair(repair=self.repair, by=self.by, now=now)


class StartForm(WorkForm):
    slug, verb, icon = "start", "start_work", "play"
    title = button = _("Start work")
    short = pgettext_lazy("work", "Start")

    def work(self, *, now: datetime) -> None:
        actions.start_work(repair=self.repair, by=self.by, now=now)


class ResumeForm(WorkForm):
    slug, verb, icon = "resume", "resume_work", "play"
    title = button = _("Go on working")
    short = _("Go on")

    def work(self, *, now: datetime) -> None:
        actions.resume_work(repair=self.repair, by=self.by, now=now)


class FinishForm(WorkForm):
    """Result of the work as a button that can be pressed with gloves; words and pictures are optional."""

    slug, verb, icon = "finish", "finish_work", "circle-check"
    title = _("Done")
    short = _("Done")
    button = _("It is mended")
    after = ("start", "resume")
    RESULTS = [
        ("mended", pgettext_lazy("work", "Mended")),
        ("replaced", _("Replaced")),
        ("cleared", _("Cleared")),
        ("adjusted", _("Adjusted")),
    ]
    result = forms.ChoiceField(
        label=_("What was done"),
        choices=RESULTS,
        initial="mended",
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose what was done."),
            "invalid_choice": _("Please choose what was done."),
        },
    )
    words = words_field(_("In words"))
    after_pictures = PicturesField(label=_("Pictures after"), required=False)

    def prepare(self, *, now: datetime) -> None:
        self.add_pictures("after_pictures", RepairPicture.Shows.AFTER, now=now)

    def work(self, *, now: datetime) -> None:
        result = str(dict(self.RESULTS)[self.cleaned_data["result"]])
        words = self.cleaned_data["words"].strip()
        actions.finish_work(
            repair=self.repair, by=self.by, words=f"{result}\n{words}" if words else result, now=now
        )


class PicturesForm(WorkForm):
    slug, verb, icon, kind = "pictures", "add_work_pictures", "camera", "line"
    title = _("Pictures")
    short = _("Pictures")
    button = _("Send the pictures")
    shows = forms.ChoiceField(
        label=_("They show it"),
        choices=[("before", pgettext_lazy("work", "Before")), ("after", pgettext_lazy("work", "After"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Before or after? Please choose.")},
    )
    pictures = PicturesField()

    def act(self, *, now: datetime) -> None:
        self.check_sender()
        self.add_pictures("pictures", self.cleaned_data["shows"], now=now)


class WaitForPartsForm(WorkForm):
    slug, verb, icon, kind = "wait-parts", "wait_for_parts", "washer", "line"
    title = _("Waiting for parts")
    short = _("No parts")
    button = _("Wait for parts")
    after = ("start", "resume")
    reason = words_field(_("Which parts"), _("Please write which parts."))

    def work(self, *, now: datetime) -> None:
        reason = self.cleaned_data["reason"]
        actions.wait_for_parts(repair=self.repair, by=self.by, reason=reason, now=now)


class WaitForResidentForm(WorkForm):
    slug, verb, icon, kind = "wait-resident", "wait_for_resident", "door", "line"
    title = _("Waiting for the resident")
    short = _("Nobody in")
    button = _("Wait for the resident")
    after = ("start", "resume")
    reason = words_field(_("Why"), _("Please write why."), hint=_("The resident reads it."))

    def work(self, *, now: datetime) -> None:
        reason = self.cleaned_data["reason"]
        actions.wait_for_resident(repair=self.repair, by=self.by, reason=reason, now=now)


class QuoteForm(WorkForm):
    slug, verb, icon, kind = "quote", "quote_price", "receipt", "line"
    title = _("Name a price")
    short = _("Price")
    button = _("Ask for a yes")
    after = ("start", "resume")
    price = YuanField(
        label=_("Price in yuan"),
        least=Decimal("0.01"),
        most=Decimal(100_000),
        error_messages=PRICE_WORDS,
    )
    words = words_field(_("What it is for"), _("Please write what the price is for."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.repair.agreed_fen:
            agreed = {"price": as_yuan(self.repair.agreed_fen)}
            self.fields["price"].help_text = (
                gettext("Agreed so far: %(price)s. Type the price of everything, with what is added.")
                % agreed
            )

    def work(self, *, now: datetime) -> None:
        fen, words = self.cleaned_data["price"], self.cleaned_data["words"]
        actions.quote_price(repair=self.repair, by=self.by, fen=fen, words=words, now=now)


class WriteForm(WorkForm):
    slug, verb, icon, kind = "write", "add_words", "message", "line"
    title = _("Write to the resident")
    short = _("Write")
    button = _("Send")
    words = words_field(_("Message"), _("Please write something."), hint=_("The resident reads it."))

    def work(self, *, now: datetime) -> None:
        actions.add_words(repair=self.repair, by=self.by, words=self.cleaned_data["words"], now=now)


class ReturnForm(WorkForm):
    slug, verb, icon, kind = "give-back", "return_job", "arrow-left", "line"
    title = _("Give the job back")
    short = _("Give back")
    button = _("Give back")
    reason = words_field(_("Why"), _("Please write why."), hint=_("The dispatcher reads it."))

    def work(self, *, now: datetime) -> None:
        actions.return_job(repair=self.repair, by=self.by, reason=self.cleaned_data["reason"], now=now)


class WaitingForm(forms.Form):
    """Number of entries on a phone that have not arrived; ``since`` is in Unix seconds."""

    waiting = forms.IntegerField(min_value=0, max_value=MAX_WAITING)
    refused = forms.IntegerField(min_value=0, max_value=MAX_WAITING)
    since = forms.IntegerField(min_value=0, max_value=MAX_TIMESTAMP)

    def clean_since(self) -> datetime:
        return datetime.fromtimestamp(self.cleaned_data["since"], tz=UTC)


WORK_FORMS: tuple[type[WorkForm], ...] = (
    TakeForm,
    StartForm,
    ResumeForm,
    FinishForm,
    PicturesForm,
    WaitForPartsForm,
    WaitForResidentForm,
    QuoteForm,
    WriteForm,
    ReturnForm,
)
