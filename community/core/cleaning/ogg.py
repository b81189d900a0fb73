"""Cleans Ogg with Opus or Vorbis: blanks the comment packet and recalculates checksums."""

import struct
from dataclasses import dataclass

from community.core.cleaning.errors import NotOnlySound, Unreadable

HEAD = 27
FIRST_PAGE = 0x02
OPUS, OPUS_COMMENTS = b"OpusHead", b"OpusTags"
VORBIS, VORBIS_COMMENTS = b"\x01vorbis", b"\x03vorbis"
POLYNOMIAL = 0x04C11DB7
# Bytes of the lengths of the vendor and of the comment list.
LENGTHS = 8


@dataclass(frozen=True)
class Page:
    start: int
    body: int
    lacing: bytes

    @property
    def end(self) -> int:
        return self.body + sum(self.lacing)


def clean_ogg(content: bytes) -> bytes:
    """Returns the sound without comments. Raises ``Unreadable`` or ``NotOnlySound``."""
    pages = _pages(content)
    cleaned = bytearray(content[: pages[-1].end])
    first = bytes(cleaned[pages[0].body : pages[0].end])
    if first.startswith(OPUS):
        mark, framing = OPUS_COMMENTS, b""
    elif first.startswith(VORBIS):
        mark, framing = VORBIS_COMMENTS, b"\x01"
    else:
        raise Unreadable("neither Opus nor Vorbis")
    pieces = _second_packet(pages)
    packet = b"".join(cleaned[start:end] for start, end in pieces)
    blank = blank_comments(packet, mark, framing)
    for start, end in pieces:
        cleaned[start:end], blank = blank[: end - start], blank[end - start :]
    touched = {start for start, _end in pieces}
    for page in pages:
        if any(page.body <= start < page.end for start in touched):
            _sign(cleaned, page)
    return bytes(cleaned)


def blank_comments(packet: bytes, mark: bytes, framing: bytes) -> bytes:
    """Returns a comment packet of the same length with a vendor of spaces and no comments."""
    spaces = len(packet) - len(mark) - LENGTHS - len(framing)
    if not packet.startswith(mark) or spaces < 0:
        raise Unreadable("no packet of comments")
    return mark + struct.pack("<I", spaces) + b" " * spaces + struct.pack("<I", 0) + framing


def _pages(content: bytes) -> list[Page]:
    """Returns all complete pages; anything after the last one is dropped."""
    pages: list[Page] = []
    at, serial = 0, content[14:18]
    while content[at : at + 4] == b"OggS":
        count = content[at + 26] if at + HEAD <= len(content) else 0
        page = Page(at, at + HEAD + count, content[at + HEAD : at + HEAD + count])
        if not count or len(page.lacing) < count or page.end > len(content):
            break
        if content[at + 14 : at + 18] != serial or (pages and content[at + 5] & FIRST_PAGE):
            raise NotOnlySound("a second stream")
        pages.append(page)
        at = page.end
    if len(pages) < 3:
        raise Unreadable("no sound in it")
    return pages


def _second_packet(pages: list[Page]) -> list[tuple[int, int]]:
    """Returns the byte ranges of the second packet; the first one fills the first page."""
    pieces: list[tuple[int, int]] = []
    for page in pages[1:]:
        length, ends = 0, False
        for lace in page.lacing:
            length += lace
            if lace < 255:
                ends = True
                break
        pieces.append((page.body, page.body + length))
        if ends:
            return pieces
    raise Unreadable("no end of the comments")


def _table() -> list[int]:
    table = []
    for value in range(256):
        crc = value << 24
        for _bit in range(8):
            crc = (crc << 1 ^ POLYNOMIAL if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
        table.append(crc)
    return table


TABLE = _table()


def checksum(page: bytes) -> int:
    """Returns the checksum of a page whose own field is zero."""
    crc = 0
    for byte in page:
        crc = (crc << 8 & 0xFFFFFFFF) ^ TABLE[crc >> 24 ^ byte]
    return crc


def _sign(content: bytearray, page: Page) -> None:
    content[page.start + 22 : page.start + 26] = bytes(4)
    crc = checksum(bytes(content[page.start : page.end]))
    content[page.start + 22 : page.start + 26] = struct.pack("<I", crc)
