"""Admin forms for hours, closures and calendar days; each refusal is shown at its field."""

from datetime import date, timedelta
from itertools import combinations
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.core import clock, dates, hours
from community.core.dates import near
from community.estates.calendar import WorkCalendar
from community.estates.models import CalendarDay
from services.scheduling.actions import DAYS_AHEAD
from services.scheduling.models import Closure, Resource, Slot, WeeklyHours
from services.scheduling.spans import days_between, spans_of_day

SHORTEST_MINUTES = 5
SATURDAY = 5
Works = WeeklyHours.Works


class ResourceForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        same = Resource.objects.filter(
            estate=filled.get("estate"), service=filled.get("service"), name=filled.get("name")
        )
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("name", _("There is one with this name already."))
        return filled


class HoursForm(forms.ModelForm):  # type: ignore[type-arg]
    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        opens, closes = filled.get("opens"), filled.get("closes")
        minutes, capacity = filled.get("slot_minutes"), filled.get("capacity")
        if capacity is not None and capacity < 1:
            self.add_error("capacity", _("There must be at least one place."))
        if minutes is not None and minutes < SHORTEST_MINUTES:
            self.add_error("slot_minutes", _("An appointment takes at least 5 minutes."))
        if opens is None or closes is None:
            return filled
        if not hours.is_likely(opens, closes):
            self.add_error("closes", hours.UNLIKELY)
        elif minutes and timedelta(minutes=minutes) > hours.length(opens, closes):
            self.add_error("slot_minutes", _("One appointment is longer than the whole opening time."))
        return filled


class HoursFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """All weekly hours of one resource; they must not overlap or remove booked places."""

    def clean(self) -> None:
        kept = [form for form in self.forms if _is_kept(self, form)]
        if all(form.is_valid() for form in kept):
            self._refuse_overlaps(kept)
            self._refuse_too_few(kept)
        if not any(form.errors for form in kept):
            super().clean()

    def _refuse_overlaps(self, kept: list[Any]) -> None:
        for one, other in combinations(kept, 2):
            if _meet(one.cleaned_data, other.cleaned_data):
                other.add_error("opens", _("These hours overlap others of the same weekday."))

    def _refuse_too_few(self, kept: list[Any]) -> None:
        """Refuses a capacity below the places taken in any future slot."""
        now = clock.now()
        if not self.instance.pk:
            return
        first = clock.today(now) - hours.DAY
        last = first + timedelta(days=DAYS_AHEAD + 1)
        calendar = WorkCalendar(estate=self.instance.estate_id, first=first, last=last)
        rows = [form.instance for form in kept]
        capacity = {
            span.starts_at: span
            for day in days_between(first, last)
            for span in spans_of_day(rows, day, calendar)
        }
        taken = Slot.objects.filter(
            resource=self.instance, starts_at__gt=now, is_closed=False, taken__gt=0
        ).order_by("starts_at")
        for slot in taken:
            span = capacity.get(slot.starts_at)
            form = next((form for form in kept if span and form.instance is span.hours), None)
            if span and form and slot.taken > span.capacity and "capacity" not in form.errors:
                form.add_error("capacity", _too_few(slot))


def _too_few(slot: Slot) -> forms.ValidationError:
    return forms.ValidationError(
        _("%(count)d places are taken on %(when)s. Please move these people first."),
        params={"count": slot.taken, "when": dates.moment_words(slot.starts_at, clock.now())},
    )


def _is_kept(formset: Any, form: Any) -> bool:
    is_empty = not form.instance.pk and not form.has_changed()
    return not is_empty and not formset._should_delete_form(form)  # noqa: SLF001  # (Django has no other name)


def _meet(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two rows can overlap, including hours after midnight."""
    is_same_day = one["weekday"] == other["weekday"]
    if is_same_day and {one["works"], other["works"]} == {Works.WORKING_DAYS, Works.DAYS_OFF}:
        return False
    mine, others = (hours.week_minutes(row["weekday"], row["opens"], row["closes"]) for row in (one, other))
    return any(begin < until and since < end for begin, end in mine for since, until in others)


class ClosureForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Closure
        fields = ("estate", "resource", "starts_at", "ends_at", "reason")

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        begins, ends = filled.get("starts_at"), filled.get("ends_at")
        for name, moment in (("starts_at", begins), ("ends_at", ends)):
            if moment and near(moment.date()) is None:
                self.add_error(name, _("Please choose a day of this century."))
                return filled
        if begins and ends and ends <= begins:
            self.add_error("ends_at", _("It ends before it begins. Please check the two times."))
        elif ends and "ends_at" in self.changed_data and ends <= clock.now():
            self.add_error("ends_at", _("This time has passed; it closes nothing any more."))
        resource, estate = filled.get("resource"), filled.get("estate")
        if resource and estate and resource.estate_id != estate.pk:
            self.add_error("resource", _("This belongs to another estate."))
        return filled


class CalendarDayForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = CalendarDay
        fields = ("estate", "date", "is_working", "hours_of", "name")

    def clean(self) -> dict[str, Any]:
        filled = super().clean() or {}
        day: date | None = filled.get("date")
        if day is None:
            return filled
        if "date" in self.changed_data and day < clock.today(clock.now()):
            self.add_error("date", _("This day has passed."))
        same = CalendarDay.objects.filter(date=day, estate=filled.get("estate"))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("date", _("This day is in the calendar already. Please change that entry."))
        is_worked = filled.get("is_working", False)
        if is_worked and day.weekday() >= SATURDAY and filled.get("hours_of") is None:
            self.add_error("hours_of", _("Which weekday's hours does this Saturday or Sunday have?"))
        if not is_worked and filled.get("hours_of") is not None:
            self.add_error("hours_of", _("Only a working day has hours. Please leave this empty."))
        return filled
