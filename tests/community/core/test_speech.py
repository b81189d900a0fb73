import shutil
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from community.core import background, clock, speech, tasks

needs_espeak = pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")


class Whistle:
    """A voice for tests: half a second of nothing, and what it was asked to say."""

    name = "whistle"

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> speech.Sound:
        self.said.append(text)
        return speech.Sound(b"\0\0" * 8000, 16000)


@pytest.fixture
def whistle(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Whistle:
    made = Whistle()
    monkeypatch.setattr(speech, "voice", lambda language: made)
    return made


def test_address__of_our_text__is_heard_and_made_once(whistle: Whistle, client: Client) -> None:
    address = speech.address("要付 ¥80.00", "zh")
    first = client.get(address)
    assert first.status_code == 200
    assert first["Content-Type"] == "audio/mpeg"
    assert first["Cache-Control"] == "private, no-store"
    assert client.get(speech.address("要付  ¥80.00 ", "zh")).status_code == 200
    assert whistle.said == ["要付 八十元"]


def test_address__does_not_show_its_text(whistle: Whistle) -> None:
    address = speech.address("王秀英 3号楼", "zh")
    assert "%E7%8E%8B" not in address
    assert "王" not in address


def test_view__of_a_text_that_we_did_not_write__is_not_there(
    whistle: Whistle, client: Client, db: None
) -> None:
    ours, other = speech.address("一", "zh"), speech.address("二", "zh")
    path, sealed = ours.split("?text=")
    assert client.get(path + "?text=" + other.split("?text=")[1]).status_code == 404
    assert client.get(path + "?text=nonsense").status_code == 404
    assert client.get(path).status_code == 404
    assert client.get(path + "?text=" + sealed[:-6] + "AAAAAA").status_code == 404
    assert whistle.said == []


def test_view__while_it_is_being_made__asks_to_come_back(
    whistle: Whistle, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[Any] = []
    monkeypatch.setattr(background, "queue", lambda task, calls: queued.append(calls[0]))
    address = speech.address("正在做", "zh")
    for _ask in range(3):
        answer = client.get(address)
        assert answer.status_code == 202
        assert answer["Retry-After"] == "1"
    assert len(queued) == 1
    tasks.make_speech(*queued[0])
    assert client.get(address).status_code == 200


def test_address__without_a_voice__is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "voice", lambda language: None)
    assert speech.address("你好", "zh") == ""


def test_tag__says_sentences_without_markup(whistle: Whistle, client: Client) -> None:
    template = Template("{% load speech %}{% speech_url heading lead as a %}{{ a|safe }}")
    with translation.override("zh-hans"):
        address = template.render(Context({"heading": "<b>报修</b>", "lead": "水 &amp; 电"}))
    assert client.get(address).status_code == 200
    assert whistle.said == ["报修。水 & 电"]


@needs_espeak
@pytest.mark.parametrize(
    ("text", "language"), [("您的报修已经修好,请付 ¥80.50。", "zh"), ("It is mended.", "en")]
)
def test_espeak__makes_a_small_mp3(text: str, language: str) -> None:
    speech.make(text, language)
    voice = speech.voice(language)
    assert voice is not None
    with default_storage.open(speech.file_name(speech.digest_of(text, voice))) as file:
        content = file.read()
    assert content[:2] in (b"\xff\xf3", b"\xff\xfb", b"\xff\xf2")
    # 2 KB a second, and a sentence takes between one and ten.
    assert 1_000 < len(content) < 20_000


def test_recordings__made_long_ago__are_deleted(
    whistle: Whistle, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get(speech.address("很久以前读过的话", "zh"))
    digest = speech.digest_of("很久以前读过的话", whistle)
    assert default_storage.exists(speech.file_name(digest))
    assert tasks.forget_old_recordings() == 0
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + speech.RECORDINGS_KEPT + timedelta(days=1))
    assert tasks.forget_old_recordings() >= 1
    assert not default_storage.exists(speech.file_name(digest))
