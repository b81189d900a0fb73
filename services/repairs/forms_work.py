"""The forms of the worker's phone page. Each carries a key, so that what is sent twice counts once."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID, uuid5

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core import limits
from community.core.amounts import YuanField
from community.core.errors import ActionError
from community.core.limit_table import WORK_PICTURES
from services.common.forms import ManyFilesField
from services.common.verb_forms import words_field
from services.repairs import actions
from services.repairs.actions.submissions import submit_once
from services.repairs.forms_staff import VerbForm
from services.repairs.models import RepairPicture

PICTURES = 6
MOST_WAITING = 999
# Of the year 2100.
LAST_SECOND = 4_102_444_800


class PicturesField(ManyFilesField):
    """Several pictures; whether they are pictures, the action finds out."""

    is_pictures = True

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = super().clean(data, initial)
        if len(files) > PICTURES:
            raise forms.ValidationError(_("At most 6 pictures at a time."), "too_many")
        if self.required and not files:
            raise forms.ValidationError(self.error_messages["required"], "required")
        return files


class PriceField(YuanField):
    """A price that a worker names to the resident."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Please enter the price."),
        "invalid": _("Please enter the price in figures, such as 68.50."),
        "places": _("A price has two decimals at most."),
        "too_small": _("The price must be more than 0."),
        "too_large": _("The price can be 100,000 yuan at most."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(least=Decimal("0.01"), most=Decimal(100_000), **kwargs)


class OtherPerson(ActionError):
    """The page was opened by a worker who is no longer the one signed in."""

    def __init__(self) -> None:
        super().__init__("other_person", _("Somebody else is signed in now. Please open the job again."))


def own_key(key: UUID, name: str) -> UUID:
    """Always the same for the same key and name, and another for each name."""
    return uuid5(key, name)


class WorkForm(VerbForm):
    """A verb of a worker, sent once by its key, and only by the person whose page it was."""

    # The short words of the large mode, where the title is too long for its button.
    short: ClassVar[Promise | str] = ""
    # The verbs that make this one possible while the phone has no signal.
    after: ClassVar[tuple[str, ...]] = ()
    key = forms.UUIDField(widget=forms.HiddenInput)
    sender = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, page_key: UUID | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"{self.slug}_%s")
        super().__init__(*args, **kwargs)
        self.initial.update(sender=self.by.pk, key=page_key)
        for hidden in self.hidden_fields():
            hidden.field.widget.attrs["id"] = False

    def act(self, *, now: datetime) -> None:
        if self.cleaned_data["sender"] != self.by.pk:
            raise OtherPerson
        self.prepare(now=now)
        submit_once(
            key=self.own_key, worker=self.by, repair=self.repair, act=lambda: self.work(now=now), now=now
        )

    @property
    def own_key(self) -> UUID:
        """The forms of a page share its key; each verb makes its own of it."""
        return own_key(self.cleaned_data["key"], self.slug)

    def prepare(self, *, now: datetime) -> None:
        """What must be done before the transaction: pictures take their time."""

    def work(self, *, now: datetime) -> None:
        raise NotImplementedError

    def keep_pictures(self, name: str, shows: str, *, now: datetime) -> None:
        """Store what was photographed, once by a key of its own."""
        uploads = self.cleaned_data.get(name) or []
        if not uploads:
            return
        limits.hit(WORK_PICTURES, self.by.pk)
        actions.add_work_pictures(
            repair=self.repair,
            by=self.by,
            shows=shows,
            uploads=uploads,
            key=own_key(self.cleaned_data["key"], name),
            now=now,
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
    """What was done can be tapped, for gloves; words and pictures say more."""

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
        self.keep_pictures("after_pictures", RepairPicture.Shows.AFTER, now=now)

    def work(self, *, now: datetime) -> None:
        said = str(dict(self.RESULTS)[self.cleaned_data["result"]])
        words = self.cleaned_data["words"].strip()
        actions.finish_work(
            repair=self.repair, by=self.by, words=f"{said}\n{words}" if words else said, now=now
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
    pictures = PicturesField(
        label=_("Pictures"), error_messages={"required": _("Please choose at least one picture.")}
    )

    def act(self, *, now: datetime) -> None:
        if self.cleaned_data["sender"] != self.by.pk:
            raise OtherPerson
        self.keep_pictures("pictures", self.cleaned_data["shows"], now=now)


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
    price = PriceField(label=_("Price in yuan"))
    words = words_field(_("What it is for"), _("Please write what the price is for."))

    def work(self, *, now: datetime) -> None:
        fen, words = self.cleaned_data["price"], self.cleaned_data["words"]
        actions.quote_price(repair=self.repair, by=self.by, fen=fen, words=words, now=now)


class SayForm(WorkForm):
    slug, verb, icon, kind = "write", "add_words", "message", "line"
    title = _("Write to the resident")
    short = _("Write")
    button = _("Send")
    words = words_field(_("Message"), _("Please write something."), hint=_("The resident reads it."))

    def work(self, *, now: datetime) -> None:
        actions.add_words(repair=self.repair, by=self.by, words=self.cleaned_data["words"], now=now)


class GiveBackForm(WorkForm):
    slug, verb, icon, kind = "give-back", "return_job", "arrow-left", "line"
    title = _("Give the job back")
    short = _("Give back")
    button = _("Give back")
    reason = words_field(_("Why"), _("Please write why."), hint=_("The dispatcher reads it."))

    def work(self, *, now: datetime) -> None:
        actions.return_job(repair=self.repair, by=self.by, reason=self.cleaned_data["reason"], now=now)


class WaitingForm(forms.Form):
    """What a phone tells of its entries that have not arrived; ``since`` in seconds of the Unix clock."""

    waiting = forms.IntegerField(min_value=0, max_value=MOST_WAITING)
    refused = forms.IntegerField(min_value=0, max_value=MOST_WAITING)
    since = forms.IntegerField(min_value=0, max_value=LAST_SECOND)

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
    SayForm,
    GiveBackForm,
)
