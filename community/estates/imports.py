"""Homes out of an Excel sheet: checked row by row, then all of them or none."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import ModelResource
from tablib import Dataset

from community.core.typed_text import clean
from community.estates.models import Building, Entrance, Estate, Home

MOST_ROWS = 20_000

# The headings of the template, and the English ones that are understood too.
BUILDING, ENTRANCE, NUMBER, FLOOR, AREA = "楼栋", "单元", "房号", "楼层", "建筑面积"
ENGLISH = {"building": BUILDING, "entrance": ENTRANCE, "home": NUMBER, "floor": FLOOR, "area": AREA}


def plain(value: Any) -> str:
    """A cell as people read it: a number that Excel kept as 501.0 is 501."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean(str("" if value is None else value)).strip()


class SheetImport(ModelResource):
    """What all imports of an estate share; ``estate`` is chosen beside the file."""

    required_headings: tuple[str, ...] = ()
    english: dict[str, str] = {}

    def __init__(self, *, estate: Estate | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.estate = estate
        self.seen: dict[tuple[str, ...], int] = {}
        # Called with the number of each row that is gone through.
        self.on_row: Callable[[int], None] | None = None

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        """The headings are checked once, before any row; a missing one is named."""
        headings = [plain(heading) for heading in dataset.headers or []]
        dataset.headers = [
            self.english.get(heading.lower(), heading.split("(")[0].split("（")[0]) for heading in headings
        ]
        missing = [heading for heading in self.required_headings if heading not in dataset.headers]
        if missing:
            raise ValidationError(_("The sheet has no column %(name)s.") % {"name": "、".join(missing)})
        if len(dataset) > MOST_ROWS:
            raise ValidationError(
                _("More than %(count)d rows. Please split the file.") % {"count": MOST_ROWS}
            )
        self.seen = {}

    def after_import_row(self, row: Any, row_result: Any, **kwargs: Any) -> None:
        super().after_import_row(row, row_result, **kwargs)
        if self.on_row is not None:
            self.on_row(kwargs["row_number"])

    def demand(self, row: Any, heading: str) -> str:
        value = plain(row.get(heading))
        if not value:
            raise ValidationError(_("%(name)s is missing.") % {"name": heading})
        return value

    def only_once(self, key: tuple[str, ...], row_number: int) -> None:
        """The same thing twice in one sheet is a mistake in one of the two rows."""
        if key in self.seen:
            said = _("The same as row %(number)d.") % {"number": self.seen[key] + 1}
            raise ValidationError(said)
        self.seen[key] = row_number


class HomeImport(SheetImport):
    """One row a home. Buildings and entrances that are new are made; a home that is known is updated."""

    building = Field(column_name=BUILDING, attribute="entrance__building__name", readonly=True)
    entrance = Field(column_name=ENTRANCE, attribute="entrance__name", readonly=True)
    number = Field(column_name=NUMBER, attribute="number")
    floor = Field(column_name=FLOOR, attribute="floor")
    area = Field(column_name=AREA, attribute="area_dm2")

    required_headings = (BUILDING, ENTRANCE, NUMBER, AREA)
    english = ENGLISH

    class Meta:
        model = Home
        fields = ("building", "entrance", "number", "floor", "area")
        use_transactions = True
        skip_unchanged = True
        clean_model_instances = False

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        homes = Home.objects.of_estate(self.estate).with_address() if self.estate else Home.objects.none()
        self.homes = {(str(home.entrance.building), home.entrance.name, home.number): home for home in homes}
        self.buildings = {one.name: one for one in Building.objects.filter(estate=self.estate)}
        entrances = Entrance.objects.filter(building__estate=self.estate).select_related("building")
        self.entrances = {(one.building.name, one.name): one for one in entrances}

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        address = tuple(self.demand(row, heading) for heading in (BUILDING, ENTRANCE, NUMBER))
        self.only_once(address, kwargs["row_number"])
        row[BUILDING], row[ENTRANCE], row[NUMBER] = address
        row[AREA] = _area(self.demand(row, AREA))
        row[FLOOR] = _floor(plain(row.get(FLOOR)), row[NUMBER])

    def get_instance(self, instance_loader: Any, row: Any) -> Home | None:
        return self.homes.get((row[BUILDING], row[ENTRANCE], row[NUMBER]))

    def after_init_instance(self, instance: Home, new: bool, row: Any, **kwargs: Any) -> None:
        if new:
            instance.entrance = self._entrance(row[BUILDING], row[ENTRANCE])

    def _entrance(self, building_name: str, name: str) -> Entrance:
        known = self.entrances.get((building_name, name))
        if known is None:
            building = self.buildings.get(building_name) or self._building(building_name)
            known = Entrance.objects.create(building=building, name=name, position=_order(name))
            self.entrances[building_name, name] = known
        return known

    def _building(self, name: str) -> Building:
        made = Building.objects.create(estate=self.estate, name=name, position=_order(name))  # type: ignore[misc]
        self.buildings[name] = made
        return made


def _order(name: str) -> int:
    """12号楼 stands after 2号楼."""
    digits = "".join(character for character in name if character.isdigit())
    return min(int(digits), 30_000) if digits else 0


def _area(text: str) -> int:
    """98.5 m² → 9850."""
    try:
        area = Decimal(text.removesuffix("㎡").removesuffix("m²").strip()) * 100
    except InvalidOperation as error:
        raise ValidationError(_("%(text)s is not an area in m².") % {"text": text}) from error
    if not area.is_finite() or not 1 <= area <= 10_000_000 or area != int(area):
        raise ValidationError(
            _("The area is a number of m² with at most 2 decimals: %(text)s.") % {"text": text}
        )
    return int(area)


def _floor(text: str, number: str) -> int:
    """Given, or read from the number: 1203 is on floor 12."""
    if not text and number.isdigit() and len(number) >= 3:
        text = number[:-2]
    try:
        floor = int(text)
    except ValueError as error:
        raise ValidationError(_("The floor is missing or not a whole number.")) from error
    if not -10 <= floor <= 200:
        raise ValidationError(_("There is no floor %(floor)d.") % {"floor": floor})
    return floor
