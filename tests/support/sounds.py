"""Small recordings as browsers and phones make them, with everything written beside the sound."""

import struct

from community.core.cleaning.ogg import checksum

SECRETS = [b"+30.5833+114.3", b"Phone of Mrs Wang", b"2026-03-04T05:06:07", b"SM-S9180"]
WORDS = b"; ".join(SECRETS)
SOUND = [bytes([number + 1]) * (20 + number) for number in range(12)]
MP4_TIME = 3_840_000_000


def _laced(length: int) -> bytes:
    return b"\xff" * (length // 255) + bytes([length % 255])


def ogg_page(serial: int, number: int, flags: int, lacing: bytes, body: bytes, position: int = 0) -> bytes:
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, position, serial, number, 0)
    page = head + bytes([len(lacing)]) + lacing + body
    return page[:22] + struct.pack("<I", checksum(page)) + page[26:]


def _ogg(first: bytes, headers: list[bytes]) -> bytes:
    """Returns pages whose headers begin on the second page and continue on the third, as long comments do."""
    body, lacing = b"".join(headers), b"".join(_laced(len(one)) for one in headers)
    pages, number = [ogg_page(7, 0, 2, _laced(len(first)), first)], 1
    while lacing:
        now, lacing = lacing[:8], lacing[8:]
        size = sum(now)
        pages.append(ogg_page(7, number, 0 if number == 1 else 1, now, body[:size]))
        body, number = body[size:], number + 1
    sound, lacing = b"".join(SOUND), b"".join(_laced(len(one)) for one in SOUND)
    pages.append(ogg_page(7, number, 4, lacing, sound, 12 * 960))
    return b"".join(pages)


def _comments(words: bytes) -> bytes:
    vendor, comment = b"Lavf 59 " + words, b"LOCATION=" + words * 70
    return struct.pack("<I", len(vendor)) + vendor + struct.pack("<II", 1, len(comment)) + comment


def ogg(words: bytes = WORDS) -> bytes:
    """Returns Ogg with Opus."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
    return _ogg(head, [b"OpusTags" + _comments(words)])


def ogg_vorbis(words: bytes = WORDS) -> bytes:
    head = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 1, 44100, 0, 64000, 0, 0xB8, 1)
    return _ogg(head, [b"\x03vorbis" + _comments(words) + b"\x01", b"\x05vorbis" + b"setup" * 40])


def element(number: int, content: bytes, *, is_open: bool = False) -> bytes:
    """Returns an element of Matroska; an open one does not state its length."""
    size = b"\x01" + b"\xff" * 7 if is_open else struct.pack(">Q", len(content) | 1 << 56)
    return number.to_bytes((number.bit_length() + 7) // 8, "big") + size + content


def webm(words: bytes = WORDS, *, kind: int = 2, is_open: bool = True, codec: bytes = b"A_OPUS") -> bytes:
    """Returns WebM as a browser's recorder writes it while recording, or as a program does afterwards."""
    private = b"OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00"
    if codec == b"A_VORBIS":
        comments = b"\x03vorbis" + _comments(words) + b"\x01"
        private = b"\x02\x07" + _laced(len(comments)) + b"\x01vorbis" + comments + b"\x05vorbis"
    info = (
        element(0x2AD7B1, struct.pack(">I", 1_000_000))
        + element(0x4461, struct.pack(">q", 789_012_345_678))
        + element(0x7BA9, words)
        + element(0x4D80, b"Chrome " + words)
        + element(0x5741, b"Chrome")
        + element(0x73A4, b"0123456789abcdef")
    )
    track = (
        element(0xD7, b"\x01")
        + element(0x73C5, b"\x01")
        + element(0x83, bytes([kind]))
        + element(0x536E, words)
        + element(0x86, codec)
        + element(0x63A2, private)
        + element(0xE1, element(0xB5, struct.pack(">d", 48000.0)) + element(0x9F, b"\x01"))
    )
    blocks = element(0xE7, b"\x00") + b"".join(
        element(0xA3, b"\x81" + struct.pack(">h", 20 * at) + b"\x80" + one) for at, one in enumerate(SOUND)
    )
    segment = (
        element(0xBF, b"\x01\x02\x03\x04")
        + element(0x1549A966, info)
        + element(0x1654AE6B, element(0xAE, track))
        + element(0x1F43B675, blocks, is_open=is_open)
        + element(0x1254C367, element(0x7373, element(0x67C8, element(0x45A3, b"LOCATION") + words)))
        + element(0x1941A469, element(0x61A7, words))
    )
    return element(0x1A45DFA3, element(0x4282, b"webm")) + element(0x18538067, segment, is_open=is_open)


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def mp4(words: bytes = WORDS, *, handler: bytes = b"soun", in_pieces: bool = False) -> bytes:
    """Returns MP4 as a phone's recorder writes it, or in fragments, as a browser's does."""
    times = struct.pack(">II", MP4_TIME, MP4_TIME + 60)
    udta = box(b"udta", box(b"\xa9xyz", words) + box(b"meta", bytes(4) + box(b"ilst", words)))
    stbl = box(b"stbl", box(b"stsd", bytes(8)) + box(b"stco", bytes(4) + struct.pack(">II", 1, 0x01020304)))
    mdia = (
        box(b"mdhd", bytes(4) + times + struct.pack(">IIHH", 48000, 11520, 0x55C4, 0))
        + box(b"hdlr", bytes(8) + handler + bytes(12) + words)
        + box(b"minf", box(b"smhd", bytes(8)) + stbl)
    )
    trak = box(b"trak", box(b"tkhd", bytes(4) + times + bytes(72)) + box(b"mdia", mdia) + udta)
    moov = box(b"moov", box(b"mvhd", bytes(4) + times + bytes(88)) + trak + udta)
    sound = box(b"mdat", b"".join(SOUND))
    if in_pieces:
        moof = box(b"moof", box(b"mfhd", bytes(8)) + box(b"traf", box(b"tfhd", bytes(8)) + udta))
        sound = moof + sound
    secret = box(b"uuid", bytes(16) + words) + box(b"free", words) + box(b"meta", bytes(4) + words)
    return box(b"ftyp", b"M4A \x00\x00\x00\x00M4A isom") + secret + moov + sound + secret


def mp3_frame(number: int) -> bytes:
    """Returns a frame of MPEG 1, layer III, 64 kbit/s, 44,100 Hz: 208 bytes."""
    return b"\xff\xfb\x50\xc0" + bytes([number]) * 204


def mp3(words: bytes = WORDS) -> bytes:
    """Returns MP3 with a tag before, between, and two behind the frames."""
    size = bytes([0, 0, (len(words) >> 7) & 0x7F, len(words) & 0x7F])
    tag = b"ID3\x04\x00\x00" + size + words
    frames = [mp3_frame(number) for number in range(12)]
    ape = b"APETAGEX" + struct.pack("<IIII", 2000, 32 + len(words), 1, 0) + bytes(8) + words
    old = b"TAG" + words[:125].ljust(125, b"\0")
    return tag + b"".join(frames[:6]) + tag + b"".join(frames[6:]) + ape + old
