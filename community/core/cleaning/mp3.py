"""Cleans MP3: keeps the frames of sound and drops everything else."""

from community.core.cleaning.errors import Unreadable

# Kbit/s by the header's index, for MPEG 1 and for MPEG 2 and 2.5; layer III.
BITRATES = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
LAYER_3 = 1
MPEG_1 = 3


def clean_mp3(content: bytes) -> bytes:
    """Returns the sound without ID3, APE or lyrics. Raises ``Unreadable`` without two consecutive frames."""
    frames: list[bytes] = []
    at = _after_id3(content, 0)
    in_step = False
    while at + 4 <= len(content):
        length = frame_length(content, at)
        follows = length and (at + length >= len(content) or frame_length(content, at + length))
        if length and at + length <= len(content) and (in_step or follows):
            frames.append(content[at : at + length])
            at, in_step = at + length, True
            continue
        in_step = False
        skipped = _after_id3(content, at)
        at = skipped if skipped > at else _next_sync(content, at + 1)
    if len(frames) < 2:
        raise Unreadable("no frames of sound")
    return b"".join(frames)


def frame_length(content: bytes, at: int) -> int:
    """Returns the length in bytes of the frame whose header is at ``at``, or 0."""
    head = content[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    rate, sampling, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version not in SAMPLE_RATES or layer != LAYER_3 or rate in (0, 15) or sampling == 3:
        return 0
    samples = 144 if version == MPEG_1 else 72
    bits = BITRATES[version == MPEG_1][rate] * 1000
    return samples * bits // SAMPLE_RATES[version][sampling] + padding


def _after_id3(content: bytes, at: int) -> int:
    while content[at : at + 3] == b"ID3" and len(content) >= at + 10:
        size = 0
        for byte in content[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        at += 10 + size + (10 if content[at + 5] & 0x10 else 0)
    return at


def _next_sync(content: bytes, at: int) -> int:
    found = content.find(b"\xff", at)
    return found if found >= 0 else len(content)
