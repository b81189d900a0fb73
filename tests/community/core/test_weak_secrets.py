"""Secrets come from variables or files, and nothing starts with one that could be guessed."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks.registry import registry
from django.core.exceptions import ImproperlyConfigured

from community.core import checks
from community.core.weak_secrets import weakness
from community.environment import Environment
from tests.test_architecture import ROOT


def key(name: str = "first") -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


@pytest.fixture
def production(settings: Any) -> Any:
    settings.DEMO = settings.TESTING = settings.SMS_CODE_ON_SCREEN = False
    settings.SECRET_KEY, settings.BLIND_INDEX_KEY = secrets.token_urlsafe(60), secrets.token_hex(32)
    settings.BLIND_INDEX_OLD_KEY = ""
    settings.FIELD_KEYS = f"{key()},{key('second')}"
    return settings


def said() -> list[str]:
    return [problem.msg for problem in checks.secrets_are_strong(None)]


def test_secrets__that_were_drawn__are_taken(production: Any):
    assert said() == []
    assert checks.secrets_are_strong in registry.get_checks()
    checks.refuse_to_start()
    for text in (secrets.token_hex(16), secrets.token_urlsafe(24), base64.b64encode(os.urandom(32)).decode()):
        assert weakness(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "short", "a" * 64, "0123456789" * 6, "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF"),
        *("changeme" * 8, "django-insecure-abc&1=qk$8hz0w^pj3n4(x7y9e2m", "password1234" * 4),
        *("lindenstreet-17-lindenstreet-17-linden", "aabbccddeeffgghhiijjkkllmmnnooppqqrrssttuuvv"),
        "qwertyuiopasdfghjklzxcvbnm1234567890",
    ],
)
def test_secret__easy_to_guess__is_refused_and_not_shown(production: Any, text: str):
    production.BLIND_INDEX_KEY = text
    [problem] = said()
    assert problem.startswith("BLIND_INDEX_KEY ")
    assert not text.strip() or text not in problem
    with pytest.raises(ImproperlyConfigured, match="BLIND_INDEX_KEY"):
        checks.refuse_to_start()


def test_secret__for_two_things__is_refused(production: Any):
    production.BLIND_INDEX_KEY = production.SECRET_KEY
    assert said() == ["SECRET_KEY and BLIND_INDEX_KEY are the same."]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("", "is empty"),
        ("first:", "0 bytes"),
        ("first:not base64!", "no base64"),
        ("first:" + base64.b64encode(b"short").decode(), "5 bytes"),
        ("first:" + base64.b64encode(b"\0" * 32).decode(), "typed"),
        ("first:" + base64.b64encode(b"my-own-passphrase-of-32-letters!").decode(), "typed"),
        ("first:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "the demo's"),
        (f"{key()},{key()}", "twice"),
    ],
)
def test_key__of_columns__is_32_random_bytes_with_a_name(production: Any, keys: str, words: str):
    production.FIELD_KEYS = keys
    [problem] = said()
    assert problem.startswith("FIELD_KEYS ")
    assert words in problem


def test_gateway__without_its_secret__is_refused(production: Any):
    production.SMS_BACKEND = "aliyun"
    production.ALIYUN_SMS_ACCESS_KEY_ID, production.ALIYUN_SMS_ACCESS_KEY_SECRET = "id", " "
    assert said() == ["ALIYUN_SMS_ACCESS_KEY_SECRET is empty."]


def test_file__goes_before_the_variable_and_loses_its_last_line_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "secret"
    file.write_text("from the file \n")
    monkeypatch.setenv("LINLI_TRIED", "from the variable")
    assert Environment().str("LINLI_TRIED") == "from the variable"
    monkeypatch.setenv("LINLI_TRIED_FILE", str(file))
    assert Environment().str("LINLI_TRIED") == "from the file "


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_file__that_cannot_be_read__is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
):
    file = tmp_path / "unreadable"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("LINLI_BROKEN_FILE", str(file))
    with pytest.raises(ImproperlyConfigured, match="LINLI_BROKEN_FILE cannot be read"):
        Environment().str("LINLI_BROKEN", default="")


def test_process__with_an_empty_key__does_not_start(tmp_path: Path):
    """Begins as pages, workers and the clock do."""
    file = tmp_path / "secret_key"
    file.write_text(secrets.token_urlsafe(60) + "\n")
    given = {
        "SECRET_KEY_FILE": str(file),
        "BLIND_INDEX_KEY": "",
        "FIELD_KEYS": key(),
        "DATA_DIR": str(tmp_path),
    }
    outside = {name: value for name, value in os.environ.items() if name not in ("DEMO", "SECRET_KEY")}
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=ROOT,
        env=outside | given | {"DJANGO_SETTINGS_MODULE": "community.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "BLIND_INDEX_KEY is empty." in done.stderr
    assert "SECRET_KEY" not in done.stderr
