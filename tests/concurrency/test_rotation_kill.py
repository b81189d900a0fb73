"""SIGKILL in the middle of a rotation of keys: pages are read all the while, and the next one ends it."""

import base64
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from accounts.models import User
from community.core import rotation
from tests.factories import make_user
from tests.support.own_media import use_own_media
from tests.support.processes import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, FILES = 3000, 20


def keys_of_names() -> Counter[str]:
    source = next(one for one in rotation.sources() if str(one) == "accounts_user.name")
    return rotation.keys_in_use(source)


def test_rotation__killed_in_the_middle__pages_are_read_and_the_next_one_ends_it(
    process_env: dict[str, str], settings: Any, tmp_path: Path
) -> None:
    use_own_media(settings, tmp_path)
    reader = make_user(name="王秀英")
    names = {
        user.pk: user.name
        for user in User.objects.bulk_create(
            User(name=f"住户{number}", phone=f"+86139{number:08}") for number in range(PEOPLE)
        )
    }
    files = [
        default_storage.save(f"pictures/{number}.jpg", ContentFile(b"picture")) for number in range(FILES)
    ]
    settings.FIELD_KEYS = "newer:" + base64.b64encode(b"n" * 32).decode() + "," + settings.FIELD_KEYS
    command = [sys.executable, "-W", "ignore", "manage.py", "rotate_keys"]
    environment = process_env | {
        "FIELD_KEYS": settings.FIELD_KEYS,
        "MEDIA_DIR": django_settings.STORAGES["default"]["OPTIONS"]["location"],
    }
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    until = time.monotonic() + 60
    while True:
        # Stopped while it is looked at: on a busy machine it would end meanwhile.
        process.send_signal(signal.SIGSTOP)
        if keys_of_names()["newer"]:
            break
        assert time.monotonic() < until
        process.send_signal(signal.SIGCONT)
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    midway = keys_of_names()
    assert min(midway["newer"], midway["demo"]) > 0, (
        "it was over before it could be killed: this proves little"
    )
    assert client.get(reverse("me")).status_code == 200
    assert {pk: name for pk, name in User.objects.values_list("pk", "name") if pk in names} == names

    said = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, check=True, text=True
    ).stdout
    assert "demo: free, nothing names it" in said
    assert keys_of_names() == {"newer": PEOPLE + 1}
    assert {default_storage.key_of(name) for name in files} == {"newer"}  # type: ignore[attr-defined]
    assert client.get(reverse("me")).status_code == 200
    for name in files:
        default_storage.delete(name)
