"""The estate's roster out of an Excel sheet: which number belongs to which home."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.fields import Field
from tablib import Dataset

from accounts.actions import claim_for_roster
from accounts.forms import to_e164
from accounts.models import Residency, RosterEntry
from accounts.models.residents import FIRST_BIRTH_YEAR
from community.core import clock
from community.core.encryption import blind_index
from community.estates.imports import BUILDING, ENGLISH, ENTRANCE, NUMBER, SheetImport, plain
from community.estates.models import Home

NAME, PHONE, KIND, BORN = "姓名", "手机号", "身份", "出生年份"
# What people write in the column, and what it means; an empty cell is an owner.
KINDS = {
    "": Residency.Kind.OWNER,
    "业主": Residency.Kind.OWNER,
    "owner": Residency.Kind.OWNER,
    "租户": Residency.Kind.TENANT,
    "租客": Residency.Kind.TENANT,
    "tenant": Residency.Kind.TENANT,
    "家属": Residency.Kind.FAMILY,
    "家人": Residency.Kind.FAMILY,
    "family": Residency.Kind.FAMILY,
}
MOST_NAME = 40


class RosterImport(SheetImport):
    """One row a person of a home. The home must be there already; a number that is known is updated."""

    building = Field(column_name=BUILDING, attribute="home__entrance__building__name", readonly=True)
    entrance = Field(column_name=ENTRANCE, attribute="home__entrance__name", readonly=True)
    number = Field(column_name=NUMBER, attribute="home__number", readonly=True)
    name = Field(column_name=NAME, attribute="name")
    phone = Field(column_name=PHONE, attribute="phone")
    kind = Field(column_name=KIND, attribute="kind")
    birth_year = Field(column_name=BORN, attribute="birth_year")

    required_headings = (BUILDING, ENTRANCE, NUMBER, NAME, PHONE)
    english = {**ENGLISH, "name": NAME, "phone": PHONE, "mobile": PHONE, "kind": KIND, "birth year": BORN}

    class Meta:
        model = RosterEntry
        fields = ("building", "entrance", "number", "name", "phone", "kind", "birth_year")
        use_transactions = True
        skip_unchanged = True
        clean_model_instances = False

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        homes = Home.objects.of_estate(self.estate).with_address() if self.estate else Home.objects.none()
        self.homes = {(str(home.entrance.building), home.entrance.name, home.number): home for home in homes}
        entries = RosterEntry.objects.filter(home__entrance__building__estate=self.estate)
        entries = entries.select_related("home__entrance__building")
        self.entries = {(entry.home_id, entry.phone_index): entry for entry in entries}

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        address = tuple(self.demand(row, heading) for heading in (BUILDING, ENTRANCE, NUMBER))
        if address not in self.homes:
            raise ValidationError(
                _("There is no home %(address)s in this estate.") % {"address": " ".join(address)}
            )
        row[BUILDING], row[ENTRANCE], row[NUMBER] = address
        row[NAME] = self.demand(row, NAME)
        if len(row[NAME]) > MOST_NAME:
            raise ValidationError(_("The name is longer than %(count)d characters.") % {"count": MOST_NAME})
        row[PHONE] = _mobile(self.demand(row, PHONE))
        person = kwargs.get("user")
        if person is not None and row[PHONE] == person.phone:
            # The roster gives homes away.
            raise ValidationError(_("A colleague must register you."))
        row[KIND] = _kind(plain(row.get(KIND)))
        row[BORN] = _birth_year(plain(row.get(BORN)), clock.today(clock.now()).year)
        self.only_once((*address, row[PHONE]), kwargs["row_number"])

    def get_instance(self, instance_loader: Any, row: Any) -> RosterEntry | None:
        home = self.homes[row[BUILDING], row[ENTRANCE], row[NUMBER]]
        return self.entries.get((home.pk, blind_index(row[PHONE])))

    def after_init_instance(self, instance: RosterEntry, new: bool, row: Any, **kwargs: Any) -> None:
        if new:
            instance.home = self.homes[row[BUILDING], row[ENTRANCE], row[NUMBER]]
        elif row[BORN] is None:
            # A sheet without the column, or an empty cell, forgets nothing.
            row[BORN] = instance.birth_year

    def after_import(self, dataset: Dataset, result: Any, **kwargs: Any) -> None:
        """Who had signed in before the roster came has their home at once."""
        super().after_import(dataset, result, **kwargs)
        if self.estate and not kwargs.get("dry_run") and not result.has_errors():
            claim_for_roster(estate=self.estate, now=clock.now())


def _mobile(text: str) -> str:
    number = to_e164(text)
    if number is None:
        raise ValidationError(_("%(text)s is not a mobile number of 11 digits.") % {"text": text})
    return number


def _kind(text: str) -> str:
    kind = KINDS.get(text.lower())
    if kind is None:
        raise ValidationError(_("%(text)s is not one of 业主, 租户, 家属.") % {"text": text})
    return kind


def _birth_year(text: str, this_year: int) -> int | None:
    """1948, 1948年; never a day, which nobody needs. Empty where the estate does not know it."""
    digits = text.removesuffix("年").removesuffix(".0")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdecimal() and len(digits) == len(str(this_year))):
        raise ValidationError(_("%(text)s is not a year, such as 1948.") % {"text": text})
    if not FIRST_BIRTH_YEAR <= int(digits) <= this_year:
        raise ValidationError(_("%(text)s is not a year, such as 1948.") % {"text": text})
    return int(digits)
