"""All writes about meters: pages, the phones of readers, sheets and tasks call these."""

from services.fees.meters.actions.meters import NewMeter, Replacement, add_meter, replace_meter
from services.fees.meters.actions.readings import (
    NewReading,
    OddReading,
    confirm_reading,
    import_readings,
    notify_readings,
    readings_topic,
    refuse_reading,
    send_reading,
    take_reading,
)
from services.fees.meters.actions.runs import preview_metered_run, start_metered_run
from services.fees.meters.actions.sharing import Share, drop_cost, share_cost
from services.fees.meters.actions.tiers import ask_tiers, set_tiers

__all__ = [
    "NewMeter",
    "NewReading",
    "OddReading",
    "Replacement",
    "Share",
    "add_meter",
    "ask_tiers",
    "confirm_reading",
    "drop_cost",
    "import_readings",
    "notify_readings",
    "preview_metered_run",
    "readings_topic",
    "refuse_reading",
    "replace_meter",
    "send_reading",
    "set_tiers",
    "share_cost",
    "start_metered_run",
    "take_reading",
]
