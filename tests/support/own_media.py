"""A media folder of a test's own."""

from copy import deepcopy
from pathlib import Path
from typing import Any


def use_own_media(settings: Any, folder: Path) -> None:
    """Keeps files in ``folder`` until the end of the test: what is done to all files touches no others."""
    storages = deepcopy(settings.STORAGES)
    storages["default"]["OPTIONS"]["location"] = folder
    settings.STORAGES = storages
