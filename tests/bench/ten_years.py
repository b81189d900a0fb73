"""An estate after ten years: 10,000 homes, and as many repairs, bills and bookings as a measurement asks for.

1 % of the repairs and bookings are open. One resident has a five-hundredth of everything. PostgreSQL only.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from accounts.models import Residency, User
from community.core import clock
from community.estates.models import Building, Entrance, Estate, Home
from services.care.models import CareBooking, CareService
from services.common.models import ResponseClock
from services.fees.models import Bill
from services.repairs.models import Repair
from services.scheduling.models import Place, Slot
from tests import factories as make
from tests.bench.cloning import clone

HOMES = 10_000
YEARS = 10
ITEMS = 3
# One of so many rows is the fullest resident's.
FULLEST = 500
SPREAD = f"now() - (n * interval '{YEARS} years' / {{rows}})"


@dataclass(frozen=True)
class TenYears:
    """The estate, its fullest resident, a rarely named building, a service and a category."""

    estate: Estate
    resident: User
    home: Home
    rare: Building
    service: CareService
    repair: Repair


def make_ten_years(*, repairs: int) -> TenYears:
    """Fills the database: ``repairs``, three times as many bills, a third as many bookings."""
    estate = make.make_estate()
    with transaction.atomic():
        homes = _homes(estate)
        _pairs(homes)
        category = make.make_category(estate=estate)
        first = User.objects.get(residencies__home=homes[0])
        repair = make.make_repair(resident=first, home=homes[0], category=category)
        world = TenYears(
            estate,
            first,
            homes[0],
            homes[-1].entrance.building,
            make.make_care_service(estate=estate),
            repair,
        )
        _repairs(world, repairs)
        _bills(world, 3 * repairs)
        _bookings(world, repairs * 3 // 10)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return world


def _homes(estate: Estate) -> list[Home]:
    buildings = Building.objects.bulk_create(Building(estate=estate, name=f"{n}号楼") for n in range(1, 21))
    entrances = Entrance.objects.bulk_create(
        Entrance(building=building, name=f"{n}单元") for building in buildings for n in range(1, 6)
    )
    homes = Home.objects.bulk_create(
        Home(entrance=entrance, number=f"{floor}{place:02d}", floor=floor, area_dm2=9850)
        for entrance in entrances
        for floor in range(1, 26)
        for place in range(1, 5)
    )
    people = User.objects.bulk_create(
        User(
            name=f"王{'建国秀英丽华强敏静伟'[n % 10]}{'芳娜磊洋艳勇军杰涛明'[n // 10 % 10]}",
            phone=f"+861391{n:07d}",
        )
        for n in range(HOMES)
    )
    now = clock.now() - timedelta(days=366 * YEARS)
    Residency.objects.bulk_create(
        Residency(user=user, home=home, kind="owner", status="active", status_changed_at=now, created_at=now)
        for user, home in zip(people, homes, strict=True)
    )
    return homes


def _pairs(homes: list[Home]) -> None:
    """A table of pairs: the fullest resident is number 0."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE pairs (i int PRIMARY KEY, home bigint, person bigint) ON COMMIT DROP"
        )
        cursor.execute(
            "INSERT INTO pairs SELECT row_number() OVER (ORDER BY home_id) - 1, home_id, user_id "
            "FROM accounts_residency WHERE home_id = ANY(%s)",
            [[home.pk for home in homes]],
        )


def _pair() -> str:
    return f"JOIN pairs ON pairs.i = CASE WHEN n % {FULLEST} = 0 THEN 0 ELSE n % {HOMES} END"


def _repairs(world: TenYears, rows: int) -> None:
    worker = make.make_staff(role="repair_worker", estate=world.estate)
    at = SPREAD.format(rows=rows)
    waits = "n % 100 = 7"
    clone(
        world.repair,
        rows,
        source=_pair(),
        reference="'R-' || to_char(now(), 'YYMMDD') || '-' || lpad(n::text, 7, '0')",
        home_id="pairs.home",
        resident_id="pairs.person",
        reported_by_id="pairs.person",
        created_at=at,
        status_changed_at=at,
        status=f"CASE WHEN {waits} THEN CASE WHEN n % 200 = 7 THEN 'new' ELSE 'in_work' END ELSE 'confirmed' END",
        worker_id=f"CASE WHEN {waits} AND n % 200 = 7 THEN NULL ELSE {worker.pk} END",
    )
    clock_ = ResponseClock.objects.filter(reference=world.repair.reference).first() or make_clock(
        world.repair
    )
    clone(
        clock_,
        rows,
        id="(2::bigint ^ 40)::bigint + n",
        reference="'R-' || to_char(now(), 'YYMMDD') || '-' || lpad(n::text, 7, '0')",
        started_at=at,
        due_at=f"{at} + interval '1 hour'",
        answered_at=f"CASE WHEN {waits} AND n % 200 = 7 THEN NULL ELSE {at} + interval '30 minutes' END",
    )


def make_clock(repair: Repair) -> ResponseClock:
    return ResponseClock.objects.create(
        estate=repair.estate,
        service="repairs",
        reference=repair.reference,
        url=f"/staff/repairs/{repair.pk}/",
        minutes=60,
        started_at=repair.created_at,
        due_at=repair.created_at + timedelta(hours=1),
        answered_at=repair.created_at,
    )


def _bills(world: TenYears, rows: int) -> None:
    items = [make.make_item(estate=world.estate) for _n in range(ITEMS)]
    months = max(rows // (HOMES * ITEMS), 1)
    homes = rows // (months * ITEMS)
    first = make.make_bill(home=world.home, item=items[0], period=clock.today(clock.now()).replace(day=1))
    for item in items:
        # n runs over the homes first, then over the months: 1 % of the bills are open.
        period = f"date_trunc('month', now()) - ((n - 1) / {homes} + 1) * interval '1 month'"
        clone(
            first,
            homes * months,
            source=f"JOIN pairs ON pairs.i = (n - 1) % {homes}",
            item_id=str(item.pk),
            home_id="pairs.home",
            reference=f"'B-{item.pk % 1000:03d}-' || lpad(n::text, 8, '0')",
            period=f"({period})::date",
            due_on=f"({period} + interval '25 days')::date",
            created_at=f"{period} + n * interval '1 millisecond'",
            status_changed_at=period,
            status="CASE WHEN n % 100 = 7 THEN 'open' ELSE 'settled' END",
            paid_fen="CASE WHEN n % 100 = 7 THEN 0 ELSE t.amount_fen END",
        )


def _bookings(world: TenYears, rows: int) -> None:
    booking = make.make_care_booking(service=world.service, resident=world.resident, home=world.home)
    slot, place = Slot.objects.get(places=booking.place), booking.place
    each = 3
    slots = rows // each
    begins = f"now() + interval '30 days' - (n * interval '{YEARS} years' / {slots})"
    clone(slot, slots, starts_at=begins, ends_at=f"{begins} + interval '1 hour'", taken=str(each))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE times ON COMMIT DROP AS SELECT row_number() OVER (ORDER BY starts_at DESC) AS i,"
            " id, starts_at FROM scheduling_slot WHERE resource_id = %s AND id <> %s",
            [slot.resource_id, slot.pk],
        )
        cursor.execute("CREATE INDEX ON times (i)")
    clone(
        place,
        slots * each,
        source=f"{_pair()} JOIN times ON times.i = (n - 1) / {each} + 1",
        slot_id="times.id",
        key="gen_random_uuid()",
        resident_id="pairs.person",
        made_by_id="pairs.person",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE taken ON COMMIT DROP AS SELECT row_number() OVER (ORDER BY place.id) AS i, place.id,"
            " residency.home_id AS home, place.resident_id AS person, slot.starts_at FROM scheduling_place place"
            " JOIN scheduling_slot slot ON slot.id = place.slot_id JOIN accounts_residency residency"
            " ON residency.user_id = place.resident_id WHERE slot.resource_id = %s AND place.id <> %s",
            [slot.resource_id, place.pk],
        )
        cursor.execute("CREATE INDEX ON taken (i)")
    carer = make.make_carer(provider=world.service.provider).user
    clone(
        booking,
        slots * each,
        source="JOIN taken ON taken.i = n",
        reference="'C-' || to_char(now(), 'YYMMDD') || '-' || lpad(n::text, 7, '0')",
        place_id="taken.id",
        home_id="taken.home",
        resident_id="taken.person",
        reported_by_id="taken.person",
        carer_id=str(carer.pk),
        created_at="taken.starts_at - interval '3 days'",
        status_changed_at="taken.starts_at",
        status="CASE WHEN taken.starts_at > now() THEN 'booked' ELSE 'done' END",
    )
    assert Place.objects.count() >= slots * each
    assert CareBooking.objects.count() > slots * each
    assert Bill.objects.exists()
