"""A picture or a recording whose row is never made leaves no file, whichever action stored it."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models

from community.core import clock
from community.core.pictures import MAX_MEGABYTES
from community.core.recordings import Spoken
from services.feedback import actions as feedback_actions
from services.repairs import actions as repair_actions
from tests.support import sounds
from tests.support.photos import stored_pictures
from tests.support.world import World, a_picture

STORES = re.compile(r"\b(pictures|recordings)\.(store|store_all)\(")
OUTSIDE = {
    "community/core/pictures.py",
    "community/core/recordings.py",
    "community/demo/attachments.py",
    "community/demo/care_menus.py",
    # Takes pictures and PDFs; its own ``storing`` deletes both.
    "services/fees/funds/files.py",
}


def _report(world: World) -> None:
    draft, by = world.draft, world.people["owner"]
    repair_actions.add_picture_to_draft(draft=draft, by=by, upload=a_picture(), now=clock.now())


def _speak(world: World) -> None:
    sound, by = io.BytesIO(sounds.ogg()), world.people["owner"]
    repair_actions.add_recording_to_draft(draft=world.draft, by=by, spoken=Spoken(sound, 2), now=clock.now())


def _add_words(world: World) -> None:
    repair_actions.add_words(
        repair=world.repair, by=world.people["owner"], words="", uploads=[a_picture()], now=clock.now()
    )


def _work(world: World) -> None:
    repair_actions.add_work_pictures(
        repair=world.repair,
        by=world.people["repair_worker"],
        shows="before",
        uploads=[a_picture(), a_picture()],
        now=clock.now(),
    )


def _write(world: World) -> None:
    feedback_actions.store_loose_pictures(uploads=[a_picture()], now=clock.now())


ACTIONS: list[Callable[[World], None]] = [_report, _speak, _add_words, _work, _write]


def _files() -> list[str]:
    return stored_pictures() + sorted(default_storage.listdir("recordings")[1])


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTIONS)
def test_action__the_database_fails__leaves_no_file(
    world: World, act: Callable[[World], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _files()

    def fail(*_arguments: Any, **_named: Any) -> None:
        assert len(_files()) > len(before), "it was stored before"
        raise RuntimeError

    monkeypatch.setattr(models.QuerySet, "bulk_create", fail)
    monkeypatch.setattr(models.QuerySet, "create", fail)
    with pytest.raises(RuntimeError):
        act(world)
    assert _files() == before


def test_every_caller__stores_files_together_with_their_rows() -> None:
    """``storing`` alone takes care of a transaction that is rolled back."""
    found = []
    for package in ("accounts", "community", "services"):
        for path in sorted(Path(settings.BASE_DIR, package).rglob("*.py")):
            name = str(path.relative_to(settings.BASE_DIR))
            if name not in OUTSIDE and STORES.search(path.read_text()):
                found.append(name)
    assert not found


def test_nginx__lets_six_of_the_largest_pictures_through() -> None:
    lines = Path(settings.BASE_DIR, "deploy", "nginx.conf").read_text().split("client_max_body_size ")
    assert int(lines[1].split("m;")[0]) >= 6 * MAX_MEGABYTES
