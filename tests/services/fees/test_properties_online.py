"""Two providers, two accounts, one home: whatever is lost, repeated, late or forged, no fen is lost or doubled."""

from typing import Any

import pytest
from hypothesis import settings as profiles

from community.core import clock
from services.fees.models import MerchantAccount
from tests.services.fees import on_line
from tests.support.draws import DEAR_PROFILES


@pytest.mark.django_db
@DEAR_PROFILES
def test_on_line__whatever_happens__no_fen_is_lost_or_doubled(profile: str, settings: Any) -> None:
    settings.FEES_PROVIDERS = list(on_line.NAMES)
    on_line.run(on_line.OnLine, profiles.get_profile(profile), make_merchant)
    # Acts were ended in the middle, where there are enough of them.
    assert on_line.OnLine.ended or profile == "few"


def make_merchant(**values: Any) -> MerchantAccount:
    number = on_line.NAMES.index(values["provider"])
    asked = {"merchant_number": f"19000{number}", "app_id": f"app{number}", "credentials": "{}"}
    return MerchantAccount.objects.create(**values, **asked, created_at=clock.now())
