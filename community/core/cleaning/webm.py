"""Cleans WebM and Matroska sound: replaces elements that sound does not need with void ones of equal size."""

from dataclasses import dataclass, replace

from community.core.cleaning.errors import NotOnlySound, Unreadable
from community.core.cleaning.ogg import VORBIS_COMMENTS, blank_comments

EBML, SEGMENT, VOID = 0x1A45DFA3, 0x18538067, 0xEC
SEEK, INFO, TRACKS, CLUSTER, CUES = 0x114D9B74, 0x1549A966, 0x1654AE6B, 0x1F43B675, 0x1C53BB6B
TRACK, TRACK_TYPE, CODEC, CODEC_PRIVATE = 0xAE, 0x83, 0x86, 0x63A2
MUXING_APP, WRITING_APP = 0x4D80, 0x5741
BLOCK_GROUP = 0xA0
SOUND = 2
# Children of a segment have ids of four bytes, their contents shorter ones.
FIRST_OF_SEGMENT = 0x10000000
OPEN_ENDED = {SEGMENT, CLUSTER}

# Elements to keep, by their parent; all others (tags, attachments, dates, titles) are blanked.
KEPT: dict[int, frozenset[int]] = {
    # Versions, lengths, kind of document.
    EBML: frozenset({0x4286, 0x42F7, 0x42F2, 0x42F3, 0x4282, 0x4287, 0x4285}),
    SEGMENT: frozenset({SEEK, INFO, TRACKS, CLUSTER, CUES}),
    # Time scale, duration, and two names of programs that readers may require; these are blanked.
    INFO: frozenset({0x2AD7B1, 0x4489, MUXING_APP, WRITING_APP}),
    TRACKS: frozenset({TRACK}),
    # Number, id, type, flags, language, codec, delays, sound, default duration, encodings; no name.
    TRACK: frozenset(
        {
            *(0xD7, 0x73C5, TRACK_TYPE, 0xB9, 0x88, 0x55AA, 0x9C, 0x22B59C, CODEC, CODEC_PRIVATE),
            *(0x56AA, 0x56BB, 0xE1, 0x23E383, 0x6D80, 0x6DE7, 0x55EE),
        }
    ),
    # Time, blocks, previous size, position; in a group: block, duration, reference, padding.
    CLUSTER: frozenset({0xE7, 0xA3, BLOCK_GROUP, 0xAB, 0xA7}),
    BLOCK_GROUP: frozenset({0xA1, 0x9B, 0xFB, 0x75A2}),
}


@dataclass(frozen=True)
class Element:
    """An EBML element; ``end`` is -1 if the recorder wrote no length."""

    id: int
    start: int
    body: int
    end: int


def clean_webm(content: bytes) -> bytes:
    """Returns the sound without tags, dates, titles and program names. Raises ``Unreadable`` or
    ``NotOnlySound``.
    """
    cleaned = bytearray(content)
    header = element_at(cleaned, 0, len(cleaned))
    if header.id != EBML:
        raise Unreadable("no header")
    _clean(cleaned, header)
    segment = element_at(cleaned, header.end, len(cleaned))
    if segment.id != SEGMENT:
        raise Unreadable("no segment")
    if segment.end < 0:
        segment = replace(segment, end=len(cleaned))
    if not {TRACK, TRACK_TYPE, CLUSTER} <= _clean(cleaned, segment):
        raise Unreadable("no sound in it")
    return bytes(cleaned[: segment.end])


def element_at(content: bytes | bytearray, start: int, limit: int) -> Element:
    """Returns the element at ``start``; a truncated segment or cluster ends at ``limit``. Raises
    ``Unreadable``.
    """
    id_length = _length(content, start, 4)
    number = int.from_bytes(content[start : start + id_length], "big")
    at = start + id_length
    size_length = _length(content, at, 8)
    body = at + size_length
    unknown = (1 << 7 * size_length) - 1
    size = int.from_bytes(content[at:body], "big") & unknown
    if number in OPEN_ENDED and body <= limit:
        return Element(number, start, body, -1 if size == unknown else min(body + size, limit))
    if size == unknown or body + size > limit:
        raise Unreadable("an element that is cut off")
    return Element(number, start, body, body + size)


def _length(content: bytes | bytearray, at: int, most: int) -> int:
    first = content[at] if at < len(content) else 0
    length = 9 - first.bit_length()
    if length > most:
        raise Unreadable("no number there")
    return length


def children(content: bytes | bytearray, around: Element) -> list[Element]:
    """Returns the children of an element; a block truncated by the end of the recording is dropped."""
    found: list[Element] = []
    at = around.body
    while at < around.end:
        try:
            child = element_at(content, at, around.end)
        except Unreadable:
            if around.id in OPEN_ENDED:
                break
            raise
        if child.end < 0:
            child = replace(child, end=_end_of_open(content, child, around.end))
        found.append(child)
        at = child.end
    return found


def _end_of_open(content: bytes | bytearray, cluster: Element, limit: int) -> int:
    """Returns where a cluster of unknown length ends: at the next element that cannot be inside one."""
    at = cluster.body
    while at < limit:
        try:
            child = element_at(content, at, limit)
        except Unreadable:
            return limit
        if child.id >= FIRST_OF_SEGMENT:
            return at
        at = child.end
    return at


def _clean(content: bytearray, around: Element) -> set[int]:
    """Blanks everything that is not kept in an element; returns the ids of kept elements at any depth."""
    kept: set[int] = set()
    last, codec = around.body, b""
    for child in children(content, around):
        last = child.end
        if child.id not in KEPT[around.id]:
            _blank(content, child)
            continue
        kept.add(child.id)
        inside = bytes(content[child.body : child.end]) if child.id not in KEPT else b""
        if child.id in KEPT:
            kept |= _clean(content, child)
        elif child.id in (MUXING_APP, WRITING_APP):
            content[child.body : child.end] = b" " * len(inside)
        elif child.id == TRACK_TYPE and int.from_bytes(inside, "big") != SOUND:
            raise NotOnlySound("a track of another kind")
        elif child.id == CODEC:
            codec = inside
    content[last : around.end] = bytes(around.end - last)
    if codec.startswith(b"A_VORBIS"):
        _blank_vorbis(content, around)
    return kept


def _blank(content: bytearray, element: Element) -> None:
    """Replaces an element with a void one of equal length."""
    total = element.end - element.start
    size_length = min(8, total - 1)
    size = total - 1 - size_length | 1 << 7 * size_length
    empty = bytes(total - 1 - size_length)
    content[element.start : element.end] = bytes([VOID]) + size.to_bytes(size_length, "big") + empty


def _blank_vorbis(content: bytearray, track: Element) -> None:
    """Blanks the comments, the second of three packets in the codec's private data."""
    for private in children(content, track):
        if private.id != CODEC_PRIVATE:
            continue
        at, sizes = private.body + 1, []
        for _packet in range(2):
            size = 0
            while at < private.end and content[at] == 255:
                size, at = size + 255, at + 1
            if at >= private.end:
                raise Unreadable("no packet of comments")
            size, at = size + content[at], at + 1
            sizes.append(size)
        start, end = at + sizes[0], at + sum(sizes)
        if end > private.end:
            raise Unreadable("no packet of comments")
        content[start:end] = blank_comments(bytes(content[start:end]), VORBIS_COMMENTS, b"\x01")
