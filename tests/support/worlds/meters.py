"""Rows of meters in the world of the access matrix."""

import io
from datetime import date
from typing import TYPE_CHECKING

from PIL import Image

from community.core import clock
from services.fees.meters import actions
from services.fees.models import FeeItem, MeterReading, Tariff
from tests.factories import make_meter, make_metered_item, read_meter

if TYPE_CHECKING:
    from tests.support.world import World


def furnish(world: "World") -> None:
    """Creates a meter with a value of the owner that waits, a run to confirm, a shared cost."""
    cashier, owner = world.people["cashier"], world.people["owner"]
    item = make_metered_item(estate=world.estate, name="水费", name_en="Water")
    meter = make_meter(home=world.home, item=item, by=cashier)
    read_meter(meter, date(2024, 6, 20), 12, by=cashier)
    picture = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(picture, "JPEG")
    now = clock.now()
    reading = actions.send_reading(
        actions.NewReading(
            meter=meter,
            on=clock.today(now),
            value_milli=24_000,
            source=MeterReading.Source.RESIDENT,
            is_sure=True,
            uploads=[picture],
        ),
        by=owner,
        now=now,
    )
    light = FeeItem.objects.create(
        estate=world.estate, name="楼道电费", name_en="Stairs", kind="other", basis=FeeItem.Basis.SHARE
    )
    Tariff.objects.create(item=light, from_on=date(2024, 1, 1), rate_hao=6000)
    share = actions.Share(item=light, building=None, period=date(2024, 6, 1), split="home", amount_fen=10_001)
    world.more |= {
        "meter": meter,
        "metered_item": item,
        "reading": reading,
        "reading_picture": reading.pictures.get(),
        "meter_run": actions.preview_metered_run(item=item, period=date(2024, 6, 1), by=cashier, now=now),
        "shared_cost": actions.share_cost(share, by=cashier, now=now),
    }
    world.typed += ["水费", "楼道电费", meter.serial]
