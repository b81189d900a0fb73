"""Cleans MP4 and QuickTime sound: replaces boxes that sound does not need with free space of equal size."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from community.core.cleaning.errors import NotOnlySound, Unreadable

# Boxes to keep, by their parent; all others (udta, meta, uuid, …) are blanked.
KEPT: dict[bytes, frozenset[bytes]] = {
    b"": frozenset({b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"sidx", b"mfra"}),
    b"moov": frozenset({b"mvhd", b"trak", b"mvex"}),
    b"mvex": frozenset({b"mehd", b"trex"}),
    b"trak": frozenset({b"tkhd", b"edts", b"mdia"}),
    b"edts": frozenset({b"elst"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf"}),
    b"minf": frozenset({b"smhd", b"hdlr", b"dinf", b"stbl"}),
    b"stbl": frozenset(
        {b"stsd", b"stts", b"ctts", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sgpd", b"sbgp", b"stss"}
    ),
    b"moof": frozenset({b"mfhd", b"traf"}),
    b"traf": frozenset({b"tfhd", b"tfdt", b"trun", b"sgpd", b"sbgp", b"subs"}),
}
# Boxes with the recording's dates after their version: 4 or 8 bytes each.
WITH_TIMES = {b"mvhd", b"tkhd", b"mdhd"}
MAX_BOXES = 20_000


@dataclass(frozen=True)
class Box:
    kind: bytes
    start: int
    body: int
    end: int


def clean_mp4(content: bytes) -> bytes:
    """Returns the sound without dates, places, names and devices. Raises ``Unreadable`` or ``NotOnlySound``."""
    cleaned = bytearray(content)
    found: set[bytes] = set()
    kinds_of_track: list[bytes] = []
    _clean(cleaned, b"", 0, len(cleaned), found, kinds_of_track)
    if not {b"moov", b"mdat", b"trak"} <= found or not kinds_of_track:
        raise Unreadable("no sound in it")
    if set(kinds_of_track) != {b"soun"}:
        raise NotOnlySound("tracks of " + ", ".join(repr(kind) for kind in kinds_of_track))
    return bytes(cleaned)


def boxes(content: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    """Yields sibling boxes from ``start`` to ``end``; a truncated box ends there."""
    count = 0
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", content, start)
        body = start + 8
        if size == 1 and start + 16 <= end:
            (size,) = struct.unpack_from(">Q", content, start + 8)
            body = start + 16
        elif size == 0:
            size = end - start
        if size < body - start:
            raise Unreadable("a box without a size")
        count += 1
        if count > MAX_BOXES:
            raise Unreadable("too many boxes")
        stop = start + size
        if stop > end:
            if kind != b"mdat":
                raise Unreadable("a box that is cut off")
            stop = end
        yield Box(kind, start, body, stop)
        start = stop


def _clean(
    content: bytearray, around: bytes, start: int, end: int, found: set[bytes], tracks: list[bytes]
) -> None:
    last = start
    for box in boxes(content, start, end):
        last = box.end
        if box.kind not in KEPT[around]:
            content[box.start + 4 : box.start + 8] = b"free"
            content[box.body : box.end] = bytes(box.end - box.body)
            continue
        found.add(box.kind)
        if box.kind in KEPT:
            _clean(content, box.kind, box.body, box.end, found, tracks)
        elif box.kind in WITH_TIMES:
            _forget_times(content, box)
        elif box.kind == b"hdlr":
            if around == b"mdia":
                tracks.append(bytes(content[box.body + 8 : box.body + 12]))
            # Followed by the name of the program.
            content[box.body + 24 : box.end] = bytes(max(0, box.end - box.body - 24))
    content[last:end] = bytes(end - last)


def _forget_times(content: bytearray, box: Box) -> None:
    if box.end - box.body < 20:
        raise Unreadable("a header that is cut off")
    length = 16 if content[box.body] == 1 else 8
    content[box.body + 4 : box.body + 4 + length] = bytes(length)
