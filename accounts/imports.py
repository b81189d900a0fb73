"""Imports the roster of an estate from a spreadsheet."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import actions
from accounts.actions.roster import lock_roster_entries
from accounts.models import Checked, Residency, RosterEntry
from accounts.models.residents import FRESH_FOR
from accounts.roster_sheet import (
    BORN,
    KIND,
    LANDLINE,
    NAME,
    PHONE,
    Person,
    birth_year,
    cells_of,
    hidden,
    kind_of,
    numbers,
)
from community.core import clock
from community.core.encryption import blind_indexes
from community.core.errors import Refusal
from community.estates.import_undo import Journal
from community.estates.imports import (
    BATCH,
    BUILDING,
    ENTRANCE,
    NEW,
    ROOM,
    SKIP,
    UPDATE,
    Plan,
    RowWrong,
    SheetImport,
    WriteRefused,
    batches,
    with_key,
)
from community.estates.models import Home
from community.estates.sheets.cells import must_be_words, name_of
from community.estates.sheets.places import Address
from community.estates.sheets.table import Row

MAX_NAME = 40

# Meaning of a row that is neither a new person nor unchanged.
NUMBER, OWNER, LEFT = "number", "owner", "left"
# Choices for the former owners of a home for which the sheet names others.
REPLACE, ADD = "replace", "add"
FIELDS = ("name", "kind", "birth_year", "landline")


class RosterImport(SheetImport):
    """Imports one row for each person of a home; the home must exist, and known people are updated.

    The same name in a home with another number is a changed number. An unknown owner, where the sheet names
    none of the known owners, is a change of owner. Two people of a home may share a number, and a person may
    have none.
    """

    columns = (BUILDING, ENTRANCE, ROOM, NAME, PHONE, LANDLINE, KIND, BORN)

    def prepare(self, rows: Sequence[Row]) -> None:
        super().prepare(rows)
        self.owners = self.answers.get("owners", "")
        self.replaced: set[int] = set()
        self.taken: set[int] = set()
        self.lines: dict[int, list[RosterEntry]] = defaultdict(list)
        self.left: dict[int, list[RosterEntry]] = defaultdict(list)
        for entry in RosterEntry.objects.filter(home__entrance__building__estate=self.estate).order_by("pk"):
            (self.left if entry.ended_at else self.lines)[entry.home_id].append(entry)
        self.homes = {home.pk: home for home in self.places.homes.values()}
        # Numbers and names of the whole sheet by home, to interpret single rows.
        self.numbers: dict[int, set[str]] = defaultdict(set)
        self.names: dict[int, set[str]] = defaultdict(set)
        for row in rows:
            try:
                home, name = self.address(row).home, name_of(row.cells.get(NAME.key))
                phone, _landline = numbers(row.cells.get(PHONE.key))
            except ValidationError:
                continue
            if home is not None:
                self.numbers[home.pk].add(phone)
                self.names[home.pk].add(name)

    def plan(self, row: Row) -> Plan:
        address = self.address(row)
        if address.home is None:
            raise RowWrong(
                _("There is no home %(address)s in this estate.") % {"address": str(address)}, ROOM.key
            )
        person = self._person(row)
        self.only_once((str(address.home.pk), person.phone, person.name), row)
        entry = self._known(address.home, person)
        plan = self._new(row, address, person) if entry is None else self._update(row, address, person, entry)
        if plan.instance.pk:
            self.taken.add(plan.instance.pk)
        return plan

    def _person(self, row: Row) -> Person:
        with_key(must_be_words, row.cells.get(NAME.key), key=NAME.key)
        name = name_of(row.cells.get(NAME.key))
        if not any(character.isalnum() for character in name):
            raise RowWrong(_("%(name)s is missing.") % {"name": NAME.heading}, NAME.key)
        if len(name) > MAX_NAME:
            said = _("The name is longer than %(count)d characters.") % {"count": MAX_NAME}
            raise RowWrong(said, NAME.key)
        phone, beside = with_key(numbers, row.cells.get(PHONE.key), key=PHONE.key)
        other, landline = with_key(numbers, row.cells.get(LANDLINE.key), key=LANDLINE.key)
        phone = phone or other
        if phone and self.by is not None and phone == self.by.phone:
            # A roster entry gives a home away.
            raise RowWrong(_("A colleague must register you."), PHONE.key)
        kind = with_key(kind_of, row.cells.get(KIND.key), key=KIND.key)
        born = with_key(birth_year, row.cells.get(BORN.key), clock.today(self.now).year, key=BORN.key)
        return Person(name, phone, landline or beside, kind, born)

    def _known(self, home: Home, person: Person) -> RosterEntry | None:
        """Returns the entry of this person: by number and name, by number with a new name, or by name with a
        new number.
        """
        lines = [one for one in self.lines[home.pk] if one.pk not in self.taken]
        left = self.left[home.pk]
        if not person.phone:
            named = [one for one in lines if one.name == person.name]
            away = [one for one in left if one.name == person.name and not one.phone]
            return next(iter(named or away), None)
        same = [one for one in lines if one.phone == person.phone]
        named = [one for one in same if one.name == person.name]
        free = [one for one in same if one.name not in self.names[home.pk]]
        away = [one for one in left if one.phone == person.phone]
        stood = any(one.phone == person.phone for one in self.lines[home.pk])
        away = [one for one in away if one.name == person.name or not stood]
        return next(iter(named or free or away), None) or self._same_person(home, person)

    def _same_person(self, home: Home, person: Person) -> RosterEntry | None:
        """Returns the only entry with this name whose number the sheet no longer has for the home."""
        same = [one for one in self._missing(home) if one.name == person.name and one.pk not in self.taken]
        return same[0] if len(same) == 1 else None

    def _missing(self, home: Home) -> list[RosterEntry]:
        """Returns entries that the sheet does not name; people without a number are compared by name."""
        return [
            one
            for one in self.lines[home.pk]
            if (
                one.phone not in self.numbers[home.pk]
                if one.phone
                else "" not in self.numbers[home.pk] or one.name not in self.names[home.pk]
            )
        ]

    def _former_owners(self, home: Home, person: Person) -> list[RosterEntry]:
        """Returns the known owners if the sheet names none of them, by number or name; otherwise an empty
        list.
        """
        if person.kind != Residency.Kind.OWNER:
            return []
        owners = [one for one in self.lines[home.pk] if one.kind == Residency.Kind.OWNER]
        gone = [one for one in self._missing(home) if one.name not in self.names[home.pk]]
        return owners if owners and all(one in gone for one in owners) else []

    def _new(self, row: Row, address: Address, person: Person) -> Plan:
        assert address.home is not None
        entry = RosterEntry(home=address.home, confirmed_at=self.now, **vars(person))
        plan = Plan(row, entry, NEW, cells_of(address, None, person), address=address)
        former = self._former_owners(address.home, person)
        if former:
            who = "、".join(" ".join(filter(None, (one.name, hidden(one.phone)))) for one in former)
            plan.meaning = OWNER
            plan.words = _("Owner changed: %(old)s → %(new)s") % {"old": who, "new": person.name}
            self.asks = ["owners"]
        return plan

    def _update(self, row: Row, address: Address, person: Person, entry: RosterEntry) -> Plan:
        # Missing columns and empty cells keep the known values.
        person = Person(
            person.name,
            person.phone or entry.phone,
            person.landline or entry.landline,
            person.kind if row.text(KIND.key) else entry.kind,
            person.birth_year or entry.birth_year,
        )
        plan = Plan(row, entry, SKIP, cells_of(address, entry, person), address=address)
        if entry.ended_at is not None:
            plan.meaning, plan.words = LEFT, _("Moved out before, and stays so")
            return plan
        plan.after = {
            name: getattr(person, name) for name in FIELDS if getattr(person, name) != getattr(entry, name)
        }
        plan.before = {name: getattr(entry, name) for name in plan.after}
        plan.change = UPDATE if plan.after else SKIP
        if entry.phone != person.phone:
            change = {"old": hidden(entry.phone) or "—", "new": hidden(person.phone)}
            plan.change, plan.meaning = UPDATE, NUMBER
            plan.words = _("Number changed: %(old)s → %(new)s") % change
            plan.after["phone"], plan.before["phone"] = person.phone, entry.phone
        return plan

    # -- Written

    def write(self, plans: Sequence[Plan], journal: Journal) -> None:
        """Writes the rows in their order; changes of number or owner call their own actions."""
        waiting: list[Plan] = []
        for plan in plans:
            if plan.meaning in {NUMBER, OWNER} and (plan.meaning, self.owners) != (OWNER, ADD):
                self._make(waiting, journal)
                waiting = []
                self._act(plan, journal)
            elif plan.change == NEW:
                waiting.append(plan)
        self._make(waiting, journal)
        changed = [plan for plan in plans if plan.change == UPDATE and plan.meaning != NUMBER]
        self.write_changes(RosterEntry, changed, journal)
        known = [plan.instance for plan in plans if plan.change != NEW and not plan.meaning]
        stands = [line.pk for line in known]
        # Stale entries that the sheet confirms; undoing the import restores their dates.
        stale = [line for line in known if line.confirmed_at < self.now - FRESH_FOR]
        journal.more["confirmed"] = {str(line.pk): line.confirmed_at.isoformat() for line in stale}
        for batch in batches(stands):
            RosterEntry.objects.filter(pk__in=batch).update(confirmed_at=self.now)
        actions.claim_for_roster(estate=self.estate, now=self.now)

    def _make(self, plans: Sequence[Plan], journal: Journal) -> None:
        made = RosterEntry.objects.bulk_create([plan.instance for plan in plans], batch_size=BATCH)
        journal.add_created(*made)

    def _act(self, plan: Plan, journal: Journal) -> None:
        try:
            if plan.meaning == NUMBER:
                self._change_number(plan)
            elif self.owners == REPLACE:
                self._replace_owner(plan.instance)
            else:
                raise ValidationError(_("Please choose what becomes of the former owners."))
        except Refusal as refused:
            raise WriteRefused(plan.row, ValidationError(str(refused.message)), self.columns) from refused
        except ValidationError as refused:
            raise WriteRefused(plan.row, refused, self.columns) from refused
        journal.add_irreversible(plan.meaning)

    def _change_number(self, plan: Plan) -> None:
        entry, rest = plan.instance, {name: plan.after[name] for name in FIELDS if name in plan.after}
        if rest:
            RosterEntry.objects.filter(pk=entry.pk).update(**rest)
        actions.change_roster_number(
            entry=RosterEntry.objects.get(pk=entry.pk),
            phone=plan.after["phone"],
            by=self.by,
            checked=Checked.SHEET,
            now=self.now,
        )

    def _replace_owner(self, line: RosterEntry) -> None:
        """Replaces the whole former household once for each home, unless the sheet still names some of it."""
        tenant, names = Residency.Kind.TENANT, self.names[line.home_id]
        gone = self._missing(self.homes[line.home_id])
        missing = [one for one in gone if one.kind != tenant and one.name not in names]
        known = [one for one in self.lines[line.home_id] if one.kind != tenant]
        others = self.numbers[line.home_id] - {line.phone, ""}
        in_sheet = [index for phone in others for index in blind_indexes(phone)]
        stays = RosterEntry.objects.standing().filter(home=line.home_id, phone_index__in=in_sheet)
        is_whole = (
            line.home_id not in self.replaced
            and len(missing) == len(known)
            and not stays.exclude(kind=tenant).exists()
        )
        self.replaced.add(line.home_id)
        owner = actions.NewOwner(line.name, line.phone, line.birth_year, line.landline)
        leaving = None if is_whole else missing
        actions.change_owner(
            home=line.home, owner=owner, by=self.by, checked=Checked.SHEET, leaving=leaving, now=self.now
        )

    # -- Undone

    def reasons_not_to_undo(self, journal: Journal, written_at: datetime) -> list[str]:
        """Returns homes that people got by the entries, and changes of which people were told."""
        said = {
            NUMBER: _("%(count)d changed numbers, of which the people were told"),
            OWNER: _("%(count)d changed owners, of which the people were told"),
        }
        reasons = [said[code] % {"count": count} for code, count in journal.firm.items()]
        keys = [*journal.created.get("accounts.rosterentry", []), *_stale(journal)]
        living = ended = 0
        for batch in batches(keys):
            lines = lock_roster_entries(RosterEntry.objects.filter(pk__in=batch))
            ended += sum(1 for line in lines if line.ended_at is not None)
            living += _signed_in(lines, written_at)
        if living:
            reasons.append(_("%(count)d residents who have signed in by it") % {"count": living})
        if ended:
            reasons.append(_("%(count)d people who have moved out since") % {"count": ended})
        return reasons

    def after_undo(self, journal: Journal) -> None:
        for key, confirmed_at in journal.more.get("confirmed", {}).items():
            RosterEntry.objects.filter(pk=int(key)).update(confirmed_at=datetime.fromisoformat(confirmed_at))


def _stale(journal: Journal) -> list[int]:
    """Returns the keys of entries that were too old to open a home before the sheet confirmed them."""
    return [int(key) for key in journal.more.get("confirmed", {})]


def _signed_in(lines: Iterable[RosterEntry], since: datetime) -> int:
    """Counts residencies that were created or answered by one of these entries since ``since``."""
    pairs = {(line.home_id, line.phone_index) for line in lines if line.phone}
    numbers = {number for _home, number in pairs}
    moved = Q(created_at__gte=since) | Q(status_changed_at__gte=since)
    found = Residency.objects.filter(moved, user__phone_index__in=numbers)
    return sum(1 for pair in found.values_list("home", "user__phone_index") if pair in pairs)
