"""Secrets that are no secrets: empty, short, typed rather than drawn, or used for two things."""

import base64
import binascii
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from django.conf import settings

from community.core.ciphers import KEY_BYTES

LEAST_LENGTH = 32
# Bits that the letters of a text, and the steps between them, must carry: 32 hexadecimal digits that were drawn have
# about 110, an alphabet and rows of digits less than 60.
LEAST_BITS = 85
# Letters in a row that are in no drawn text twice.
PIECE = 8
PLACEHOLDERS = ("change", "insecure", "example", "secret", "password", "replace", "qwerty", "asdfgh")


def weak_secrets() -> list[str]:
    """Returns what is wrong with the secrets of the settings, without any of them."""
    texts = {"SECRET_KEY": settings.SECRET_KEY, "BLIND_INDEX_KEY": settings.BLIND_INDEX_KEY}
    # Those that need not be there.
    for name in ("BLIND_INDEX_OLD_KEY", "METRICS_TOKEN"):
        if given := getattr(settings, name):
            texts[name] = given
    found = [f"{name} {problem}." for name, text in texts.items() if (problem := weakness(text))]
    found += [f"FIELD_KEYS {problem}." for problem in _weak_keys(settings.FIELD_KEYS)]
    found += [f"{one} and {other} are the same." for one, other in _shared(texts)]
    if settings.SMS_BACKEND == "aliyun":
        names = ("ALIYUN_SMS_ACCESS_KEY_ID", "ALIYUN_SMS_ACCESS_KEY_SECRET")
        found += [f"{name} is empty." for name in names if not getattr(settings, name).strip()]
    return found


def weakness(text: str) -> str | None:
    """Returns what makes a text easy to guess, None if nothing does."""
    if not text.strip():
        return "is empty"
    if text == settings.DEMO_SECRET:
        return "is the demo's"
    if any(word in text.lower() for word in PLACEHOLDERS):
        return "is a placeholder or a word"
    if len(text) < LEAST_LENGTH:
        return f"has fewer than {LEAST_LENGTH} letters"
    steps = [ord(after) - ord(before) for before, after in pairwise(text)]
    is_twice = any(text[at : at + PIECE] in text[at + PIECE :] for at in range(len(text) - PIECE))
    if is_twice or min(_bits(text), _bits(steps)) < LEAST_BITS:
        return "repeats itself: draw one at random"
    return None


def _bits(signs: Sequence[object]) -> float:
    """Returns how many bits a row of signs carries if each is drawn as often as it stands in it."""
    counts, size = Counter(signs), len(signs)
    return -sum(count * math.log2(count / size) for count in counts.values())


def _weak_keys(configured: str) -> Iterator[str]:
    if not configured.strip():
        yield "is empty"
        return
    entries = [entry.strip().partition(":") for entry in configured.split(",")]
    names = [name for name, _colon, _key in entries]
    if len(set(names)) < len(names):
        yield "names a key twice: what the other one encrypted would be lost"
    for name, _colon, encoded in entries:
        if problem := _weak_key(encoded):
            yield f"has a key {name!r} that {problem}"


def _weak_key(encoded: str) -> str | None:
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return "is no base64"
    if len(key) != KEY_BYTES:
        return f"has {len(key)} bytes in place of {KEY_BYTES}"
    # Most of 32 bytes that were drawn are different, and some are no letters.
    if encoded in settings.DEMO_FIELD_KEYS:
        return "is the demo's"
    if len(set(key)) < KEY_BYTES // 2 or all(32 <= byte < 127 for byte in key):
        return "was typed rather than drawn"
    return None


def _shared(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    names = list(texts)
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            if texts[one] and texts[one] == texts[other]:
                yield one, other
