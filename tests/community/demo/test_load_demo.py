"""The demo estate is never loaded outside the demo; what is in it is looked at in ``estate``."""

import pytest
from django.core.management import CommandError, call_command

from community.estates.models import Estate


def test_load_demo__outside_the_demo__refuses(db: None, settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("load_demo")
    assert not Estate.objects.exists()
