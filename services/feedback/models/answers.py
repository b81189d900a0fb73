from django.db import models
from django.utils.translation import gettext_lazy as _

from community.estates.models import Estate


class StandardAnswer(models.Model):
    """A text for frequent answers of an estate, inserted into an answer and edited there."""

    estate = models.ForeignKey(
        Estate, verbose_name=_("estate"), on_delete=models.CASCADE, related_name="standard_answers"
    )
    title = models.CharField(_("title"), max_length=30)
    words = models.TextField(_("words"), max_length=1000)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("standard answer")
        verbose_name_plural = _("standard answers")
        ordering = ["estate", "position", "title"]
        constraints = [models.UniqueConstraint(fields=["estate", "title"], name="standard_answer_once")]

    def __str__(self) -> str:
        return self.title
