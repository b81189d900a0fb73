import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import StaffRole, User, access_of, any_of
from accounts.policies import Role
from community.core.keys import unordered_key
from community.core.transitions import StatusChange
from services.common.models import (
    Message,
    Picture,
    Recording,
    Request,
    ResponseClock,
    Satisfaction,
    SatisfactionRecording,
)
from services.feedback import KEY
from services.feedback.roles import DEPARTMENTS, OVERSEEING

# Time without a reply after which feedback is closed as solved.
CLOSES_AFTER = timedelta(days=7)
# Pictures of new feedback, and of each message added to it; twice as many in all.
MAX_PICTURES_OF_FEEDBACK = 6
# References of requests, which identify their owner and must not stay in anonymous feedback. Found in any
# spelling: within a Chinese sentence, in full width, with blanks or other dashes, or none.
_REFERENCE = re.compile(
    r"(?<![A-Z])([A-Z]{1,2})[-\u2010-\u2015\u2212\s]{0,3}(\d{6})[-\u2010-\u2015\u2212\s]{0,3}(\d{4,7})(?!\d)",
    re.IGNORECASE,
)
DEPARTMENT_CHOICES = [(role.value, role.label) for role in DEPARTMENTS]


class Status(models.TextChoices):
    NEW = "new", pgettext_lazy("feedback state", "sent")
    IN_HAND = "in_hand", _("in hand")
    WAITING = "waiting", _("waiting for your words")
    SOLVED_ASKED = "solved_asked", _("solved?")
    REOPENED = "reopened", _("not solved yet")
    CLOSED = "closed", _("solved")
    WITHDRAWN = "withdrawn", pgettext_lazy("feedback state", "taken back")


class Kind(models.TextChoices):
    COMPLAINT = "complaint", _("complaint")
    SUGGESTION = "suggestion", _("suggestion")
    PRAISE = "praise", _("praise")
    QUESTION = "question", pgettext_lazy("kind of feedback", "question")


def reference_in(words: str) -> str:
    """Returns the first reference in these words in its standard form; empty if there is none."""
    found = _REFERENCE.search(unicodedata.normalize("NFKC", words))
    return "-".join(found.groups()).upper() if found else ""


def without_references(words: str) -> str:
    """Returns the words without references; unchanged if there is none."""
    if not reference_in(words):
        return words
    return _REFERENCE.sub("", unicodedata.normalize("NFKC", words)).strip()


def _of_household(user: User) -> Q:
    return Q(resident__in=access_of(user).people(KEY))


def in_charge(user: User) -> Q:
    """Returns the condition for feedback that was handed over to a department of the user."""
    access = access_of(user)
    departments = sorted({role for _estate, role in access.roles})
    return any_of(Q(estate__in=access.estates(role), department=role) for role in departments)


def _of_staff(user: User) -> Q:
    return Q(estate__in=access_of(user).estates(*OVERSEEING)) | in_charge(user)


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def visible_to(self, user: User) -> "FeedbackQuerySet":
        """Limits to feedback of the user's household and, for staff, of their estates or departments.

        Manager, front desk and auditor see all of the estate, other roles what was handed over to them.
        Anonymous feedback belongs to no household: its writer uses the code.
        """
        return self.filter(_of_household(user) | _of_staff(user))

    def of_household(self, user: User) -> "FeedbackQuerySet":
        """Limits to the user's own feedback and that of people they act for."""
        return self.filter(_of_household(user))

    def for_staff(self, user: User) -> "FeedbackQuerySet":
        """Limits to feedback that the user's roles show; being its writer does not show it."""
        return self.filter(_of_staff(user))

    def follow_up_of(self, rated: "Feedback") -> "FeedbackQuerySet":
        """Limits to the follow-up of badly rated anonymous feedback; the same code opens it."""
        return self.filter(
            estate=rated.estate_id, is_anonymous=True, is_follow_up=True, about=rated.reference
        )

    def open(self) -> "FeedbackQuerySet":
        """Limits to feedback that is neither closed nor withdrawn."""
        return self.exclude(status__in=Feedback.FINISHED)

    def to_close(self, now: datetime) -> "FeedbackQuerySet":
        """Limits to feedback whose writer was asked a week ago and has not replied."""
        return self.filter(status=Status.SOLVED_ASKED, status_changed_at__lte=now - CLOSES_AFTER)

    def anonymous_to_escalate(self, now: datetime) -> "FeedbackQuerySet":
        """Limits to anonymous feedback that was reopened for the manager in an hour that has ended."""
        over = now - timedelta(hours=1)
        return self.filter(
            is_anonymous=True, is_escalated=True, status=Status.REOPENED, status_changed_at__lte=over
        )

    def with_people(self) -> "FeedbackQuerySet":
        """Loads people, estate and rating in one query."""
        return self.select_related("resident", "reported_by", "estate", "satisfaction")

    def with_voices(self) -> "FeedbackQuerySet":
        """Annotates ``has_recordings``: whether something was spoken, in the thread or with the bad rating
        of which this is the follow-up.
        """
        of_rating = SatisfactionRecording.objects.filter(
            satisfaction__estate=OuterRef("estate"), satisfaction__reference=OuterRef("about")
        )
        spoken = Exists(FeedbackRecording.objects.filter(feedback=OuterRef("pk")))
        return self.annotate(has_recordings=Q(spoken) | Q(Exists(of_rating), is_follow_up=True))

    def most_urgent_first(self) -> "FeedbackQuerySet":
        """Orders by the time at which the first answer is due; feedback that waits for none comes last, the
        oldest first.
        """
        running = ResponseClock.objects.running().filter(
            estate=OuterRef("estate"), service=KEY, reference=OuterRef("reference")
        )
        return self.annotate(due_at=Subquery(running.values("due_at")[:1])).order_by(
            F("due_at").asc(nulls_last=True), "status_changed_at", "pk"
        )


class Feedback(Request):
    """A resident's feedback about anything in the estate: a complaint, a suggestion, praise, a question.

    With a name or anonymous. For anonymous feedback no person is stored, its times are full hours, its key
    and reference do not show the order of writing, and ``code_hash`` is the keyed hash of the code that was
    shown to the writer once.
    """

    Status = Status
    Kind = Kind
    TRANSITIONS: dict[str, set[str]] = {
        Status.NEW: {Status.IN_HAND, Status.WAITING, Status.SOLVED_ASKED, Status.WITHDRAWN},
        Status.IN_HAND: {Status.WAITING, Status.SOLVED_ASKED},
        Status.WAITING: {Status.IN_HAND, Status.SOLVED_ASKED},
        Status.SOLVED_ASKED: {Status.CLOSED, Status.REOPENED, Status.IN_HAND},
        Status.REOPENED: {Status.IN_HAND, Status.WAITING, Status.SOLVED_ASKED},
        Status.CLOSED: set(),
        Status.WITHDRAWN: set(),
    }
    FINISHED = (Status.CLOSED, Status.WITHDRAWN)
    # Statuses in which staff answer.
    BEING_HANDLED = (Status.NEW, Status.IN_HAND, Status.WAITING, Status.REOPENED)

    id = models.BigIntegerField(primary_key=True, default=unordered_key, editable=False)
    resident = models.ForeignKey(  # type: ignore[assignment]  # (nobody, without a name)
        settings.AUTH_USER_MODEL,
        verbose_name=_("resident"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="feedbacks",
    )
    reported_by = models.ForeignKey(  # type: ignore[assignment]  # (nobody, without a name)
        settings.AUTH_USER_MODEL,
        verbose_name=_("written down by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    about = models.CharField(_("about what"), max_length=60, blank=True)
    is_anonymous = models.BooleanField(_("without a name"), default=False)
    code_hash = models.CharField(max_length=32, null=True, blank=True, unique=True, editable=False)
    # The single-use token of the page that sent it with a name.
    key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    status = models.CharField(_("state"), max_length=20, choices=Status, default=Status.NEW)
    department = models.CharField(
        _("department"), max_length=30, choices=StaffRole.Role, default=Role.FRONT_DESK
    )
    is_follow_up = models.BooleanField(_("follow-up of a bad rating"), default=False)
    times_reopened = models.PositiveSmallIntegerField(_("times opened again"), default=0)
    is_escalated = models.BooleanField(_("with the manager"), default=False)
    repair_reference = models.CharField(_("repair made of it"), max_length=20, blank=True)
    satisfaction = models.OneToOneField(
        Satisfaction, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="feedback"
    )

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "reference"], name="feedback_reference_once"),
            models.CheckConstraint(
                condition=Q(is_anonymous=True, resident=None, reported_by=None, key=None)
                | Q(is_anonymous=False, resident__isnull=False, reported_by__isnull=False, code_hash=None),
                name="feedback_without_a_name_has_nobody",
            ),
        ]
        indexes = [
            models.Index(fields=["resident", "-created_at", "-id"], name="feedback_of_resident"),
            models.Index(fields=["estate", "status", "-created_at"], name="feedback_in_queue"),
            models.Index(fields=["estate", "-created_at", "-id"], name="feedback_of_estate"),
            models.Index(fields=["-created_at", "-id"], name="feedback_newest_first"),
        ]

    @property
    def live_topic(self) -> str:
        return f"feedback:{self.pk}"

    @property
    def about_thing(self) -> str:
        """The reference in ``about``; empty if there is none."""
        return reference_in(self.about)

    @property
    def earlier(self) -> "Feedback | None":
        """The rated feedback of an anonymous follow-up, which the same code opens; else None."""
        if not (self.is_anonymous and self.is_follow_up):
            return None
        return Feedback.objects.filter(estate=self.estate_id, is_anonymous=True, reference=self.about).first()

    @property
    def has_code(self) -> bool:
        return bool(self.code_hash)


class OfThread(models.Model):
    """A row of a thread: its key is random and ``position`` counts within the thread.

    A counted key would stand between those of rows with a name, which have a time, or leave a gap there: it would
    say to the second when somebody without a name has written.
    """

    id = models.BigIntegerField(primary_key=True, default=unordered_key, editable=False)
    position = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.position)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and not self.position:
            thread = {"feedback": self.feedback_id}  # type: ignore[attr-defined]
            rows = type(self)._default_manager.filter(**thread)
            self.position = rows.count()
        super().save(*args, **kwargs)


class FeedbackChange(OfThread, StatusChange):
    """A change of status; without an actor it is a task's, or an anonymous writer's."""

    # Nobody may learn when somebody without a name was here.
    is_counted = False

    feedback = models.ForeignKey(Feedback, on_delete=models.CASCADE, related_name="history")

    class Meta(StatusChange.Meta):
        abstract = False
        ordering = ["position", "at"]


class FeedbackMessage(OfThread, Message):
    """A message of the thread; ``is_writers`` is true for the resident's side, with a name or anonymous."""

    feedback = models.ForeignKey(Feedback, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(  # type: ignore[assignment]  # (nobody, without a name)
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_writers = models.BooleanField(default=False)
    # Derived from the page's single-use token and the content: two taps store one message.
    key = models.UUIDField(null=True, blank=True, unique=True, editable=False)

    class Meta(Message.Meta):
        abstract = False
        # Times of an anonymous writer are full hours.
        ordering = ["position", "at"]


class FeedbackPictureQuerySet(models.QuerySet["FeedbackPicture"]):
    def visible_to(self, user: User) -> "FeedbackPictureQuerySet":
        """Limits to pictures of feedback that the user may see."""
        return self.filter(feedback__in=Feedback.objects.visible_to(user))


class FeedbackPicture(Picture):
    feedback = models.ForeignKey(Feedback, on_delete=models.CASCADE, related_name="pictures")
    message = models.ForeignKey(
        FeedbackMessage, null=True, blank=True, on_delete=models.CASCADE, related_name="pictures"
    )
    added_by = models.ForeignKey(  # type: ignore[assignment]  # (nobody, without a name)
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = FeedbackPictureQuerySet.as_manager()


class FeedbackRecordingQuerySet(models.QuerySet["FeedbackRecording"]):
    def visible_to(self, user: User) -> "FeedbackRecordingQuerySet":
        """Limits to spoken messages of feedback that the user may see."""
        return self.filter(feedback__in=Feedback.objects.visible_to(user))


class FeedbackRecording(Recording):
    """A spoken message of a writer with a name: a voice would say who an anonymous one is."""

    feedback = models.ForeignKey(Feedback, on_delete=models.CASCADE, related_name="recordings")
    # Empty for one in place of the first words.
    message = models.ForeignKey(
        FeedbackMessage, null=True, blank=True, on_delete=models.CASCADE, related_name="recordings"
    )

    objects = FeedbackRecordingQuerySet.as_manager()
