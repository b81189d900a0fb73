"""Speech for our texts: an MP3 is made when a text is first requested.

``speechSynthesis`` is missing in Android web views, so the server speaks. The address of a recording contains
the text, encrypted and authenticated: no file exists for texts nobody plays, access logs show no text, and
strangers cannot have their own texts read.
"""

import hashlib
import importlib
import importlib.util
import io
import json
import shutil
import subprocess
import wave
from array import array
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

import lameenc
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse

from community.core import spoken
from community.core.encryption import decrypt, encrypt

COLUMN = "speech"
FOLDER = "speech"
RECORDINGS_KEPT = timedelta(days=30)
KBIT = 16
# Characters: a heading and a few sentences.
LONGEST_TEXT = 600
SLOWEST_SECONDS = 60
ENGLISH = "en"


@dataclass(frozen=True)
class Sound:
    """16-bit samples of one channel."""

    samples: bytes
    rate: int


class Voice(Protocol):
    """A speech engine. Its name is part of a recording's name, so that another voice makes another file."""

    name: str

    def say(self, text: str) -> Sound: ...


class EspeakVoice:
    """``espeak-ng``: small, robotic, intelligible; for the demo and small estates."""

    def __init__(self, program: str, accent: str) -> None:
        self.name = f"espeak-ng {accent}"
        self._command = [program, "-v", accent, "-s", "150", "--stdin", "--stdout"]

    def say(self, text: str) -> Sound:
        done = subprocess.run(
            self._command, input=text.encode(), capture_output=True, check=True, timeout=SLOWEST_SECONDS
        )
        with wave.open(io.BytesIO(done.stdout)) as sound:
            # The header of piped output has no length, so all data after it is taken.
            return Sound(done.stdout[44:], sound.getframerate())


class SherpaVoice:
    """A neural voice of sherpa-onnx: a folder with model, tokens and lexicon as published."""

    def __init__(self, folder: Path) -> None:
        self.name = f"sherpa-onnx {folder.name}"
        self._folder = folder

    def say(self, text: str) -> Sound:
        made = _sherpa(self._folder).generate(text, sid=0, speed=0.9)
        samples = array("h", (int(max(-1.0, min(1.0, level)) * 32767) for level in made.samples))
        return Sound(samples.tobytes(), made.sample_rate)


@lru_cache(maxsize=1)
def _sherpa(folder: Path) -> Any:
    """Loads the model, which takes seconds; only background tasks do it."""
    sherpa = importlib.import_module("sherpa_onnx")
    rules = ",".join(str(path) for path in sorted(folder.glob("*.fst")))
    model = sherpa.OfflineTtsVitsModelConfig(
        model=str(next(folder.glob("*.onnx"))),
        tokens=str(folder / "tokens.txt"),
        lexicon=_if_there(folder / "lexicon.txt"),
        data_dir=_if_there(folder / "espeak-ng-data"),
        dict_dir=_if_there(folder / "dict"),
    )
    config = sherpa.OfflineTtsConfig(
        model=sherpa.OfflineTtsModelConfig(vits=model, num_threads=1), rule_fsts=rules, max_num_sentences=1
    )
    return sherpa.OfflineTts(config)


def _if_there(path: Path) -> str:
    return str(path) if path.exists() else ""


def voice(language: str) -> Voice | None:
    """Returns the best available voice for a language, or None."""
    if language == ENGLISH:
        return _espeak("en-gb")
    return _neural() or _espeak("cmn")


@lru_cache(maxsize=1)
def _neural() -> Voice | None:
    folder = Path(settings.SPEECH_VOICE_DIR) if settings.SPEECH_VOICE_DIR else None
    if folder is None or not folder.is_dir() or importlib.util.find_spec("sherpa_onnx") is None:
        return None
    return SherpaVoice(folder)


@lru_cache(maxsize=4)
def _espeak(accent: str) -> Voice | None:
    program = shutil.which("espeak-ng")
    return EspeakVoice(program, accent) if program else None


def address(text: str, language: str) -> str:
    """Returns the address of a text's recording; "" without a voice."""
    text = " ".join(text.split())[:LONGEST_TEXT]
    speaker = voice(language)
    if not text or speaker is None:
        return ""
    sealed = encrypt(json.dumps([language, text], ensure_ascii=False), column=COLUMN)
    return reverse("speech", args=[digest_of(text, speaker)]) + "?" + urlencode({"text": sealed})


def unseal(sealed: str) -> tuple[str, str] | None:
    """Returns language and text of an address that we made; None for any other."""
    try:
        language, text = json.loads(decrypt(sealed, column=COLUMN))
    except (InvalidTag, KeyError, ValueError):
        return None
    return language, text


def digest_of(text: str, speaker: Voice) -> str:
    return hashlib.sha256(f"{speaker.name}\n{text}".encode()).hexdigest()[:32]


def file_name(digest: str) -> str:
    return f"{FOLDER}/{digest[:2]}/{digest}.mp3"


def make(text: str, language: str) -> None:
    """Makes the recording unless it exists."""
    speaker = voice(language)
    if speaker is None:
        return
    name = file_name(digest_of(text, speaker))
    if not default_storage.exists(name):
        said = text if language == ENGLISH else spoken.in_words(text)
        default_storage.save(name, ContentFile(_mp3(speaker.say(said))))


def forget_recordings(*, before: datetime) -> int:
    """Deletes recordings made before ``before``; returns how many."""
    if not default_storage.exists(FOLDER):
        return 0
    forgotten = 0
    for folder in default_storage.listdir(FOLDER)[0]:
        for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]:
            path = f"{FOLDER}/{folder}/{name}"
            if default_storage.get_modified_time(path) < before:
                default_storage.delete(path)
                forgotten += 1
    return forgotten


def _mp3(sound: Sound) -> bytes:
    """Encodes at 16 kbit/s, one channel: about 2 KB a second."""
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(KBIT)
    encoder.set_in_sample_rate(sound.rate)
    encoder.set_out_sample_rate(16000)
    encoder.set_channels(1)
    encoder.set_quality(3)
    encoder.silence()
    return bytes(encoder.encode(sound.samples) + encoder.flush())
