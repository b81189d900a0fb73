"""Base of the imports of an estate's lists, and the import of homes. Rows are written all or none."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from community.estates.import_undo import Journal, rows_made_since, write_values
from community.estates.models import Estate, Home
from community.estates.sheets.cells import area_dm2, day_in, floor_of, must_be_words, narrow
from community.estates.sheets.columns import Column
from community.estates.sheets.places import Address, Places
from community.estates.sheets.table import Row

MAX_ROWS = 20_000
BATCH = 500
NEW, UPDATE, SKIP = "new", "update", "skip"

BUILDING = Column(
    "building",
    "楼栋",
    (
        *(
            "楼号",
            "楼栋号",
            "栋号",
            "幢号",
            "楼幢",
            "栋",
            "幢",
            "楼",
            "座",
            "号楼",
            "楼宇",
            "楼栋名称",
            "楼名",
        ),
        *("楼宇名称", "楼座", "座号", "所在楼栋", "building"),
    ),
    may_be_one=True,
    carries=True,
    is_place=True,
)
ENTRANCE = Column(
    "entrance",
    "单元",
    ("单元号", "单元名称", "所在单元", "楼门", "门洞", "门", "梯号", "梯", "entrance"),
    may_be_one=True,
    carries=True,
    is_place=True,
)
ROOM = Column(
    "room",
    "房号",
    (
        *(
            "室号",
            "房间号",
            "房屋号",
            "户号",
            "室",
            "房间",
            "房屋编号",
            "门牌号",
            "门牌",
            "房屋",
            "房产",
            "房源",
        ),
        *("房屋地址", "住址", "地址", "房屋坐落", "坐落", "房屋位置", "room", "home"),
    ),
    carries=True,
    is_place=True,
)
FLOOR = Column("floor", "楼层", ("层", "所在楼层", "所在层", "层数", "floor"), is_required=False)
AREA = Column(
    "area",
    "建筑面积",
    (
        "建面",
        "产权面积",
        "产证面积",
        "房本面积",
        "房屋面积",
        "计费面积",
        "收费面积",
        "住宅面积",
        "面积",
        "area",
    ),
)


class RowWrong(ValidationError):
    """Raised for a cell that is refused; ``key`` names its column."""

    def __init__(self, message: Any, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class WriteRefused(Exception):
    """Raised when a row cannot be written; the whole import is rolled back."""

    def __init__(self, row: Row, error: ValidationError, columns: tuple[Column, ...]) -> None:
        super().__init__(row.number)
        self.row, self.columns = row, columns
        self.error = error if isinstance(error, RowWrong) else RowWrong(error)


@dataclass
class Plan:
    """Change planned for one row. ``before`` and ``after`` are the values it changes in ``instance``."""

    row: Row
    instance: Any
    change: str
    cells: list[list[list[str]]] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    # Special meaning of the row, if any, and its words in the preview.
    meaning: str = ""
    words: str = ""
    address: Address | None = None


class SheetImport:
    """Base of imports: a subclass names its columns, plans each row and writes the plans."""

    columns: ClassVar[tuple[Column, ...]] = ()

    def __init__(
        self, estate: Estate, *, by: Any, answers: dict[str, Any], known: dict[str, str], now: datetime
    ) -> None:
        """Takes earlier ``answers``; ``known`` maps spellings to buildings, as the estate answered before."""
        self.estate, self.by, self.answers, self.now = estate, by, answers, now
        self.places = Places(estate, {**known, **answers.get("buildings", {})})
        self.seen: dict[tuple[str, ...], Row] = {}
        self.on_row: Callable[[int], None] | None = None
        # Names of the questions on the confirmation page.
        self.asks: list[str] = []

    def prepare(self, rows: Sequence[Row]) -> None:
        """Loads the rows with which the sheet is compared."""
        self.places.load()

    def plan(self, row: Row) -> Plan:
        """Returns the plan of a row. Raises ``ValidationError``, or ``RowWrong`` with the column."""
        raise NotImplementedError

    def write(self, plans: Sequence[Plan], journal: Journal) -> None:
        """Writes the plans inside the caller's transaction and records them in the journal.

        Raises ``WriteRefused``.
        """
        raise NotImplementedError

    def summary(self, plans: Sequence[Plan]) -> dict[str, Any]:
        """Returns figures of the whole sheet for the preview, such as ``sums``: name, rows and sum of each part.

        ``notes`` are sentences above the rows.
        """
        return {}

    def reasons_not_to_undo(self, journal: Journal, written_at: datetime) -> list[str]:
        """Returns reasons that prevent undoing, apart from references to imported rows."""
        return []

    def after_undo(self, journal: Journal) -> None:
        """Restores values that the journal's rows do not contain."""

    def plans(self, rows: Sequence[Row]) -> tuple[list[Plan], list[tuple[Row, RowWrong]]]:
        """Returns the plans of all rows, and the wrong rows with their first error."""
        plans, wrong = [], []
        for number, row in enumerate(rows, start=1):
            try:
                plans.append(self.plan(row))
            except ValidationError as error:
                wrong.append((row, error if isinstance(error, RowWrong) else RowWrong(error)))
            if self.on_row is not None:
                self.on_row(number)
        return plans, wrong

    def write_changes(self, model: type[Model], plans: Sequence[Plan], journal: Journal) -> None:
        """Writes only values that the sheet changes, so that later changes of other values stay."""
        for plan in plans:
            journal.add_changed(plan.instance, plan.before, plan.after)
        write_values(model, [(plan.instance.pk, plan.after) for plan in plans])

    @property
    def headings(self) -> list[str]:
        return [column.heading for column in self.columns]

    def address(self, row: Row) -> Address:
        texts = [self.demand(row, column) for column in (BUILDING, ENTRANCE, ROOM)]
        return self.places.address(*texts)

    def demand(self, row: Row, column: Column) -> str:
        """Returns the text of a required cell of a number or place. Raises ``RowWrong``."""
        value = row.cells.get(column.key)
        with_key(must_be_words, value, key=column.key)
        if column.is_place and day_in(value):
            raise RowWrong(_("%(text)s is a day, not a room.") % {"text": narrow(value)}, column.key)
        text = narrow(value)
        if not text:
            raise RowWrong(_("%(name)s is missing.") % {"name": column.heading}, column.key)
        return text

    def only_once(self, key: tuple[str, ...], row: Row) -> None:
        """Raises ``RowWrong`` if the sheet has this key twice."""
        if key in self.seen:
            raise RowWrong(_("The same as %(place)s.") % {"place": self.seen[key].place()})
        self.seen[key] = row


def with_key(check: Callable[..., Any], *args: Any, key: str) -> Any:
    """Calls ``check``; adds the column to its ``ValidationError``."""
    try:
        return check(*args)
    except ValidationError as error:
        raise RowWrong(error, key) from error


def difference(old: Any, new: Any) -> list[list[str]]:
    """Returns a cell of the preview as pieces with their tags."""
    before, after = ("" if one is None else str(one) for one in (old, new))
    if before == after:
        return [["span", after]]
    return [piece for piece in (["del", before], ["ins", after]) if piece[1]]


def batches(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[at : at + BATCH] for at in range(0, len(rows), BATCH))


class HomeImport(SheetImport):
    """Imports one row for each home; creates new buildings and entrances and updates known homes."""

    columns = (BUILDING, ENTRANCE, ROOM, FLOOR, AREA)

    def plan(self, row: Row) -> Plan:
        address = self.address(row)
        self.only_once(address.key, row)
        area = with_key(area_dm2, self._area(row), key=AREA.key)
        home, given = address.home, row.cells.get(FLOOR.key)
        if home is not None and not narrow(given):
            floor = home.floor
        else:
            floor = with_key(floor_of, given, address.room, key=FLOOR.key)
        parts = (address.building, address.entrance, address.room)
        new = Home(number=address.room, floor=floor, area_dm2=area)
        place = [[["ins" if home is None else "span", text]] for text in parts]
        old = home or Home()
        plan = Plan(row, home or new, NEW if home is None else SKIP, address=address)
        plan.cells = [
            *place,
            difference(None if home is None else old.floor, floor),
            difference(None if home is None else old.area_text, new.area_text),
        ]
        if home is not None:
            after = {"floor": floor, "area_dm2": area}
            plan.after = {name: value for name, value in after.items() if getattr(home, name) != value}
            plan.before = {name: getattr(home, name) for name in plan.after}
            plan.change = UPDATE if plan.after else SKIP
        return plan

    def reasons_not_to_undo(self, journal: Journal, written_at: datetime) -> list[str]:
        """Returns rows created since from changed areas, which bills are calculated by."""
        return rows_made_since(journal, written_at, "area_dm2")

    def _area(self, row: Row) -> Any:
        self.demand(row, AREA)
        return row.cells[AREA.key]

    def write(self, plans: Sequence[Plan], journal: Journal) -> None:
        new = [plan for plan in plans if plan.change == NEW]
        addresses = [plan.address for plan in new if plan.address is not None]
        buildings, entrances = self.places.make_entrances(addresses)
        journal.add_created(*buildings)
        journal.add_created(*entrances)
        for plan, address in zip(new, addresses, strict=True):
            plan.instance.entrance = self.places.entrance_of(address)
        journal.add_created(*Home.objects.bulk_create([plan.instance for plan in new], batch_size=BATCH))
        self.write_changes(Home, [plan for plan in plans if plan.change == UPDATE], journal)
