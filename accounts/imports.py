"""The estate's roster out of an Excel sheet: which number belongs to which home."""

from collections import defaultdict
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.fields import Field
from tablib import Dataset

from accounts import actions
from accounts.forms import to_e164
from accounts.models import Checked, Residency, RosterEntry
from accounts.models.residents import FIRST_BIRTH_YEAR
from community.core import clock
from community.core.encryption import blind_index
from community.core.errors import ActionError
from community.estates.imports import BUILDING, ENGLISH, ENTRANCE, SheetImport, plain
from community.estates.imports import NUMBER as HOME_NUMBER
from community.estates.models import Home
from community.notifications.sms import masked

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


# What a row means, where it is neither a new person nor the same as before.
NUMBER, OWNER, LEFT = "number", "owner", "left"
# What becomes of the former owners of a home for which the sheet names others.
REPLACE, ADD = "replace", "add"


class PhoneShown(Field):
    """The preview masks the number."""

    def export(self, instance: Any, **kwargs: Any) -> str:
        return masked(instance.phone).removeprefix("+86") if instance.phone else ""


class RosterImport(SheetImport):
    """One row a person of a home. The home must be there already; a number that is known is updated.

    The same name of a home with another number is a changed number; an owner of whom the roster knows
    nothing, where the sheet names none of the owners that it knew, is a changed owner.
    """

    building = Field(column_name=BUILDING, attribute="home__entrance__building__name", readonly=True)
    entrance = Field(column_name=ENTRANCE, attribute="home__entrance__name", readonly=True)
    number = Field(column_name=HOME_NUMBER, attribute="home__number", readonly=True)
    name = Field(column_name=NAME, attribute="name")
    phone = PhoneShown(column_name=PHONE, attribute="phone")
    kind = Field(column_name=KIND, attribute="kind")
    birth_year = Field(column_name=BORN, attribute="birth_year")

    required_headings = (BUILDING, ENTRANCE, HOME_NUMBER, NAME, PHONE)
    english = {**ENGLISH, "name": NAME, "phone": PHONE, "mobile": PHONE, "kind": KIND, "birth year": BORN}

    class Meta:
        model = RosterEntry
        fields = ("building", "entrance", "number", "name", "phone", "kind", "birth_year")
        use_transactions = True
        skip_unchanged = True
        clean_model_instances = False

    def __init__(self, *, owners: str = "", **kwargs: Any) -> None:
        """``owners``: REPLACE or ADD, chosen after the preview has shown which homes it is about."""
        super().__init__(**kwargs)
        self.owners = owners

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.by: Any = kwargs.get("user")
        self.now = clock.now()
        self.meanings: dict[int, tuple[str, str]] = {}
        self.confirmed: list[int] = []
        self.replaced: set[int] = set()
        homes = Home.objects.of_estate(self.estate).with_address() if self.estate else Home.objects.none()
        self.homes = {(str(home.entrance.building), home.entrance.name, home.number): home for home in homes}
        entries = RosterEntry.objects.filter(home__entrance__building__estate=self.estate)
        entries = entries.select_related("home__entrance__building")
        self.entries = {(entry.home_id, entry.phone_index): entry for entry in entries if entry.phone}
        self.lines: dict[int, list[RosterEntry]] = defaultdict(list)
        for entry in self.entries.values():
            if entry.ended_at is None:
                self.lines[entry.home_id].append(entry)
        self.sheet: dict[int, set[str]] = defaultdict(set)
        self.names: dict[int, set[str]] = defaultdict(set)
        for row in dataset.dict:
            building, entrance, number = (plain(row.get(one)) for one in (BUILDING, ENTRANCE, HOME_NUMBER))
            home = self.homes.get((building, entrance, number))
            if home is not None:
                self.sheet[home.pk].add(blind_index(to_e164(plain(row.get(PHONE))) or ""))
                self.names[home.pk].add(plain(row.get(NAME)))

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        address = tuple(self.demand(row, heading) for heading in (BUILDING, ENTRANCE, HOME_NUMBER))
        if address not in self.homes:
            raise ValidationError(
                _("There is no home %(address)s in this estate.") % {"address": " ".join(address)}
            )
        row[BUILDING], row[ENTRANCE], row[HOME_NUMBER] = address
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
        home = self.homes[row[BUILDING], row[ENTRANCE], row[HOME_NUMBER]]
        return self.entries.get((home.pk, blind_index(row[PHONE]))) or self._same_person(home, row)

    def _same_person(self, home: Home, row: Any) -> RosterEntry | None:
        """The line of this name whose number the sheet no longer has for the home."""
        same = [one for one in self._missing(home) if one.name == row[NAME]]
        return same[0] if len(same) == 1 else None

    def _missing(self, home: Home) -> list[RosterEntry]:
        return [one for one in self.lines[home.pk] if one.phone_index not in self.sheet[home.pk]]

    def _former_owners(self, home: Home, row: Any) -> list[RosterEntry]:
        """Empty where the sheet still names an owner whom the roster knows, by number or by name."""
        if row[KIND] != Residency.Kind.OWNER:
            return []
        owners = [one for one in self.lines[home.pk] if one.kind == Residency.Kind.OWNER]
        gone = [one for one in self._missing(home) if one.name not in self.names[home.pk]]
        return owners if owners and all(one in gone for one in owners) else []

    def after_init_instance(self, instance: RosterEntry, new: bool, row: Any, **kwargs: Any) -> None:
        self._note(instance, new, row, kwargs["row_number"])
        if new:
            instance.home = self.homes[row[BUILDING], row[ENTRANCE], row[HOME_NUMBER]]
        elif row[BORN] is None:
            # A sheet without the column, or an empty cell, forgets nothing.
            row[BORN] = instance.birth_year

    def _note(self, instance: RosterEntry, new: bool, row: Any, number: int) -> None:
        """What the row means, and the words for it in the preview."""
        if new:
            former = self._former_owners(self.homes[row[BUILDING], row[ENTRANCE], row[HOME_NUMBER]], row)
            if former:
                who = "、".join(f"{one.name} {_hidden(one.phone)}" for one in former)
                words = _("Owner changed: %(old)s → %(new)s") % {"old": who, "new": row[NAME]}
                self.meanings[number] = (OWNER, words)
        elif instance.ended_at is not None:
            self.meanings[number] = (LEFT, _("Moved out before, and stays so"))
        elif instance.phone_index != blind_index(row[PHONE]):
            change = {"old": _hidden(instance.phone), "new": _hidden(row[PHONE])}
            self.meanings[number] = (NUMBER, _("Number changed: %(old)s → %(new)s") % change)
        else:
            self.confirmed.append(instance.pk)

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        if instance.ended_at is not None:
            return True
        skipped: bool = super().skip_row(instance, original, row, import_validation_errors)
        return skipped and original.phone == instance.phone

    def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
        super().after_import_row(row, row_result, **kwargs)
        row_result.meaning, row_result.meaning_words = self.meanings.get(kwargs["row_number"], ("", ""))

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        """A change of number or owner is an action of its own; only the preview writes the bare row."""
        meaning, _words = self.meanings.get(kwargs["row_number"], ("", ""))
        if not is_create and not kwargs.get("dry_run") and not meaning:
            # What was settled since the roster was read, a number or an end, stays.
            instance.save(update_fields=["name", "kind", "birth_year"])
        elif (
            kwargs.get("dry_run") or meaning not in {NUMBER, OWNER} or (meaning, self.owners) == (OWNER, ADD)
        ):
            super().save_instance(instance, is_create, row, **kwargs)
        elif meaning == NUMBER:
            stored = RosterEntry.objects.get(pk=instance.pk)
            RosterEntry.objects.filter(pk=stored.pk).update(
                kind=instance.kind, birth_year=instance.birth_year
            )
            self._change_number(stored, instance.phone)
            # The next row of this name is not of the number that was just replaced.
            instance.phone_index = blind_index(instance.phone)
        elif self.owners == REPLACE:
            self._replace_owner(instance)
        else:
            raise ValidationError(_("Please choose what becomes of the former owners."))

    def _change_number(self, stored: RosterEntry, phone: str) -> None:
        try:
            actions.change_line_number(
                entry=stored, phone=phone, by=self.by, checked=Checked.SHEET, now=self.now
            )
        except ActionError as refused:
            raise ValidationError(str(refused.message)) from refused

    def _replace_owner(self, line: RosterEntry) -> None:
        """The whole former household goes, unless the sheet still names some of it; once a home."""
        tenant, names = Residency.Kind.TENANT, self.names[line.home_id]
        missing = [one for one in self._missing(line.home) if one.kind != tenant and one.name not in names]
        known = [one for one in self.lines[line.home_id] if one.kind != Residency.Kind.TENANT]
        in_sheet = self.sheet[line.home_id] - {blind_index(line.phone)}
        stays = RosterEntry.objects.standing().filter(home=line.home_id, phone_index__in=in_sheet)
        is_whole = (
            line.home_id not in self.replaced
            and len(missing) == len(known)
            and not stays.exclude(kind=tenant).exists()
        )
        self.replaced.add(line.home_id)
        owner = actions.NewOwner(name=line.name, phone=line.phone, birth_year=line.birth_year)
        leaving = None if is_whole else missing
        actions.change_owner(
            home=line.home, owner=owner, by=self.by, checked=Checked.SHEET, leaving=leaving, now=self.now
        )

    def after_import(self, dataset: Dataset, result: Any, **kwargs: Any) -> None:
        """Who had signed in before the roster came has their home at once; what stands in it is fresh."""
        super().after_import(dataset, result, **kwargs)
        result.asks_about_owners = any(meaning == OWNER for meaning, _words in self.meanings.values())
        if self.estate and not kwargs.get("dry_run") and not result.has_errors():
            RosterEntry.objects.filter(pk__in=self.confirmed).update(confirmed_at=self.now)
            actions.claim_for_roster(estate=self.estate, now=self.now)


def _hidden(phone: str) -> str:
    return masked(phone).removeprefix("+86")


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
