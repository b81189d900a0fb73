from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User, access_of
from community.core.encryption import EncryptedTextField
from community.estates.models import Home, HomeQuerySet
from services.renovation import KEY
from services.renovation.models.projects import (
    RenovationProject,
)
from services.renovation.roles import OVERSEEING


class HomeState(models.TextChoices):
    """Progress of a home: the colour and the letter of its cell in the elevation."""

    WAITING = "waiting", pgettext_lazy("home", "nothing agreed yet")
    BOOKED = "booked", pgettext_lazy("home", "booked")
    IN_WORK = "in_work", pgettext_lazy("home", "in work")
    DEFECTS = "defects", pgettext_lazy("home", "being put right")
    DONE = "done", pgettext_lazy("home", "finished")


class ParticipationQuerySet(models.QuerySet["Participation"]):
    def visible_to(self, user: User) -> "ParticipationQuerySet":
        """Limits to the household's, those of people the user acts for, and those of estates the user
        oversees.
        """
        return self.filter(
            Q(home__in=access_of(user).homes(KEY))
            | Q(project__estate__in=access_of(user).estates(*OVERSEEING))
        )


def homes_to_act_for(user: User) -> HomeQuerySet:
    """Returns the user's homes, and those of people they act for."""
    return Home.objects.filter(pk__in=access_of(user).homes(KEY))


class Participation(models.Model):
    """A home's answer to a project, and the progress of its work.

    A home without a row is undecided and waiting. ``state`` follows from the home's appointments and is
    written by ``actions.home_state`` only.
    """

    class Answer(models.TextChoices):
        UNDECIDED = "undecided", pgettext_lazy("takes part", "not decided")
        YES = "yes", pgettext_lazy("takes part", "takes part")
        NO = "no", pgettext_lazy("takes part", "does not take part")

    State = HomeState

    project = models.ForeignKey(
        RenovationProject, verbose_name=_("project"), on_delete=models.CASCADE, related_name="participations"
    )
    home = models.ForeignKey(
        Home, verbose_name=_("home"), on_delete=models.PROTECT, related_name="participations"
    )
    answer = models.CharField(_("takes part"), max_length=10, choices=Answer, default=Answer.UNDECIDED)
    wishes = EncryptedTextField(_("wishes"), blank=True)
    shares_pictures = models.BooleanField(_("shows its pictures to the neighbours"), default=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    state = models.CharField(_("how far it is"), max_length=10, choices=HomeState, default=HomeState.WAITING)
    state_changed_at = models.DateTimeField(_("since"), null=True, blank=True)

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ["project", "home"]
        constraints = [
            models.UniqueConstraint(fields=["project", "home"], name="participation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.project} · {self.home}"
