"""Form of a meter on a reader's round; it has a key, so that a value sent twice is stored once."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.core import clock
from community.core.errors import ActionError
from services.common.forms import PicturesField
from services.common.models import RequestRef
from services.common.submissions import submit_once
from services.common.work_forms import SentOnceForm
from services.fees import KEY
from services.fees.meters import actions
from services.fees.meters.forms.fields import MeterValueField
from services.fees.models import Meter, MeterReading


class RoundForm(SentOnceForm):
    """The value of one meter; ``is_sure`` confirms an odd one, ``on`` is the day on the phone."""

    slug, verb, icon = "read", "read_meters", "check"
    title = _("Meter reading")
    button = _("Save and go on")
    short = _("Next")
    value = MeterValueField()
    is_sure = forms.BooleanField(label=_("I have checked it: the value is right"), required=False)
    pictures = PicturesField(label=_("Picture of the meter"), required=False, most=1)
    on = forms.DateField(required=False, widget=forms.HiddenInput)
    sender = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, meter: Meter, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", f"meter{meter.pk}_%s")
        super().__init__(*args, **kwargs)
        self.meter = meter
        self.initial.setdefault("sender", self.by.pk)

    @property
    def asks(self) -> bool:
        """Whether the form asks for a confirmation: its value was odd."""
        return isinstance(self.refusal, actions.OddReading) or bool(self.data.get("is_sure"))

    def act(self, *, now: datetime) -> None:
        given = self.cleaned_data
        if given["sender"] != self.by.pk:
            raise ActionError(
                "other_person", _("Somebody else is signed in now. Please open the round again.")
            )
        new = actions.NewReading(
            meter=self.meter,
            on=given["on"] or clock.today(now),
            value_milli=given["value"],
            source=MeterReading.Source.PHONE,
            is_sure=given["is_sure"],
            uploads=given["pictures"],
        )
        submit_once(
            key=self.derived_key(self.slug),
            worker=self.by,
            job=meter_ref(self.meter),
            act=lambda: actions.take_reading(new, by=self.by, now=now),
            now=now,
        )


def meter_ref(meter: Meter) -> RequestRef:
    """Returns the name of a meter under which its entries from phones are stored."""
    return RequestRef(meter.estate_id, KEY, f"meter:{meter.pk}")
