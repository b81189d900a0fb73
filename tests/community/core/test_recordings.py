"""Spoken messages are kept as sound alone, and still are what players expect."""

import io
import struct
from collections.abc import Callable, Iterator

import pytest
from django.core.files.storage import default_storage
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from community.core import recordings
from community.core.cleaning import mp4 as mp4_boxes
from community.core.cleaning import ogg as ogg_pages
from community.core.cleaning.webm import children, element_at
from community.core.recordings import RecordingRefused
from tests.support import sounds

pytestmark = pytest.mark.once
MAKERS: dict[str, Callable[[], bytes]] = {
    "ogg opus": sounds.ogg,
    "ogg vorbis": sounds.ogg_vorbis,
    "webm while recording": sounds.webm,
    "webm finished": lambda: sounds.webm(is_open=False),
    "webm vorbis": lambda: sounds.webm(codec=b"A_VORBIS"),
    "mp4": sounds.mp4,
    "mp4 in pieces": lambda: sounds.mp4(in_pieces=True),
    "mp3": sounds.mp3,
}


def stored(content: bytes) -> bytes:
    kept = recordings.store(io.BytesIO(content), seconds=3)
    with default_storage.open(kept.name) as file:
        return bytes(file.read())


def files() -> list[str]:
    return default_storage.listdir("recordings")[1] if default_storage.exists("recordings") else []


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_store__names_places_dates_devices__are_gone_and_the_sound_is_kept(make: Callable[[], bytes]) -> None:
    before = make()
    assert all(secret in before for secret in sounds.SECRETS)
    after = stored(before)
    for secret in [*sounds.SECRETS, b"LOCATION", b"Lavf", b"Chrome", struct.pack(">I", sounds.MP4_TIME)]:
        assert secret not in after
    for number, sound in enumerate(sounds.SOUND):
        assert sound in after or sounds.mp3_frame(number) in after
    assert stored(after) == after, "clean is clean"


@pytest.mark.parametrize("make", [sounds.ogg, sounds.ogg_vorbis])
def test_store__ogg__has_right_checksums_and_no_comment(make: Callable[[], bytes]) -> None:
    before, after = make(), stored(make())
    assert len(after) == len(before), "positions stay right"
    at, pages = 0, 0
    while at < len(after):
        count = after[at + 26]
        end = at + 27 + count + sum(after[at + 27 : at + 27 + count])
        page = bytearray(after[at:end])
        assert page[:4] == b"OggS"
        (crc,) = struct.unpack_from("<I", page, 22)
        page[22:26] = bytes(4)
        assert ogg_pages.checksum(bytes(page)) == crc
        assert struct.unpack_from("<I", page, 18) == (pages,)
        at, pages = end, pages + 1
    assert pages > 3, "the comments went over several pages"
    last = before.rindex(b"OggS")
    assert after[last:] == before[last:]


def test_checksum__of_a_known_page__is_as_published() -> None:
    """The check value of the checksum without reflection, of start zero (CRC-32 of Ogg)."""
    assert ogg_pages.checksum(b"123456789") == 0x89A1897F


@pytest.mark.parametrize("is_open", [True, False])
def test_store__webm__is_walked_to_its_end_and_says_what_players_need(is_open: bool) -> None:
    content = stored(sounds.webm(is_open=is_open))
    assert len(content) == len(sounds.webm(is_open=is_open))
    header = element_at(content, 0, len(content))
    segment = element_at(content, header.end, len(content))
    end = len(content) if is_open else segment.end
    segment = type(segment)(segment.id, segment.start, segment.body, end)
    inside = children(content, segment)
    # A cluster of unknown length goes on over the void that was tags and attachments.
    behind = [] if is_open else ["0xec", "0xec"]
    assert [hex(one.id) for one in inside] == ["0xec", "0x1549a966", "0x1654ae6b", "0x1f43b675", *behind]
    assert inside[-1].end == len(content)
    assert [hex(one.id) for one in children(content, inside[1])] == [
        "0x2ad7b1", "0xec", "0xec", "0x4d80", "0x5741", "0xec",
    ]  # fmt: skip
    (track,) = children(content, inside[2])
    assert 0x63A2 in {one.id for one in children(content, track)}
    blocks = [one.id for one in children(content, inside[3])]
    assert blocks[: 1 + len(sounds.SOUND)] == [0xE7] + [0xA3] * len(sounds.SOUND)


@pytest.mark.parametrize("in_pieces", [True, False])
def test_store__mp4__keeps_every_box_in_its_place(in_pieces: bool) -> None:
    before = sounds.mp4(in_pieces=in_pieces)
    after = stored(before)

    def outline(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int]]:
        for box in mp4_boxes.boxes(content, start, end):
            yield box.kind, box.start
            if box.kind in mp4_boxes.KEPT:
                yield from outline(content, box.body, box.end)

    was, now = (list(outline(content, 0, len(content))) for content in (before, after))
    assert [start for _kind, start in was] == [start for _kind, start in now]
    dropped = {kind for kind, _start in set(was) - set(now)}
    assert dropped == {b"udta", b"meta", b"uuid"}
    assert (
        after[after.index(b"mdat") :][: len(b"".join(sounds.SOUND))]
        == (before[before.index(b"mdat") :][: len(b"".join(sounds.SOUND))])
    )


def test_store__mp3__is_its_frames_and_nothing_else() -> None:
    assert stored(sounds.mp3()) == b"".join(sounds.mp3_frame(number) for number in range(12))


@pytest.mark.parametrize(
    "content",
    [sounds.webm(kind=1), sounds.webm(kind=0x11), sounds.mp4(handler=b"vide"), sounds.mp4(handler=b"meta")],
    ids=["webm film", "webm texts", "mp4 film", "mp4 positions"],
)
def test_store__more_than_sound__is_refused_with_words(content: bytes) -> None:
    before = files()
    with pytest.raises(RecordingRefused) as refused:
        recordings.store(io.BytesIO(content), seconds=3)
    with translation.override("zh-hans"):
        assert "只能发声音" in str(refused.value.message)
    assert files() == before


@pytest.mark.parametrize(
    "content",
    [
        b"OggS" + bytes(500),
        b"\x1aE\xdf\xa3" + bytes(500),
        b"\x00\x00\x00\x20ftypM4A " + bytes(500),
        b"ID3" + bytes(500),
        b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f",
        b"RIFF\x00\x00\x00\x00WAVE",
        sounds.ogg()[:300],
        sounds.mp4()[:400],
        sounds.webm()[:300],
    ],
    ids=["ogg", "webm", "mp4", "mp3", "long tag", "wav", "ogg cut", "mp4 cut", "webm cut"],
)
def test_store__a_container_that_is_none__is_refused_with_words(content: bytes) -> None:
    with pytest.raises(RecordingRefused) as refused:
        recordings.store(io.BytesIO(content), seconds=3)
    assert str(refused.value.message)


def test_store__cut_off_while_speaking__keeps_what_was_said() -> None:
    """The battery was empty: the last block or the last frame is not whole."""
    whole = sounds.webm(words=b"")
    cluster = whole.index(sounds.SOUND[11])
    assert sounds.SOUND[10] in stored(whole[: cluster + 5])
    frames = b"".join(sounds.mp3_frame(number) for number in range(4))
    assert stored(frames[:-9]) == frames[: 3 * 208]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from([sounds.ogg(), sounds.ogg_vorbis(), sounds.webm(), sounds.mp4(), sounds.mp3()]),
    st.lists(st.tuples(st.integers(0, 3000), st.binary(min_size=1, max_size=4)), min_size=1, max_size=4),
)
def test_store__damaged_anywhere__is_cleaned_or_refused(
    content: bytes, damages: list[tuple[int, bytes]]
) -> None:
    broken = bytearray(content)
    for at, junk in damages:
        broken[at : at + len(junk)] = junk
    kind = recordings._kind(bytes(broken))
    if kind is None:
        return
    try:
        cleaned = kind.clean(bytes(broken))
    except (recordings.Unreadable, recordings.NotOnlySound):
        return
    assert len(cleaned) <= len(broken)


def test_storing__the_row_is_never_made__leaves_no_file() -> None:
    before = files()

    def fail() -> None:
        with recordings.storing(io.BytesIO(sounds.ogg()), seconds=3) as kept:
            assert default_storage.exists(kept.name)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert files() == before
