"""Private files at rest: encrypted, bound together, readable in part."""

import base64
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.test import RequestFactory

from community.core import sealed_files
from community.core.encryption import encrypt
from community.core.sealed_storage import CHUNK, MARK, FileBroken, SealedStorage
from community.core.storage import RangeMiddleware, serve_private

LENGTHS = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7]
SEALED_CHUNK = CHUNK + 28


@pytest.fixture
def storage(tmp_path: Path) -> SealedStorage:
    return SealedStorage(location=tmp_path)


@pytest.mark.parametrize("length", LENGTHS)
def test_file__of_any_length__reads_back_and_from_anywhere(storage: SealedStorage, length: int) -> None:
    content = os.urandom(length)
    name = storage.save("a/b.jpg", ContentFile(content))
    with storage.open(name) as file:
        assert file.read() == content
    assert storage.size(name) == length
    with storage.open(name) as file:
        for place in {0, max(0, length - 3), min(length, CHUNK - 2)}:
            file.seek(place)
            assert file.read(10) == content[place : place + 10]


def test_file__at_rest__holds_nothing_of_its_content(storage: SealedStorage) -> None:
    content = b"JFIF a picture of a flat" * 5000
    name = storage.save("a.jpg", ContentFile(content))
    stored = Path(storage.path(name)).read_bytes()
    assert stored.startswith(MARK + b"demo\n")
    assert b"JFIF" not in stored


def cut(stored: bytes) -> bytes:
    return stored[:-SEALED_CHUNK]


def swapped(stored: bytes) -> bytes:
    head = len(MARK + b"demo\n") + 16
    first, second = stored[head : head + SEALED_CHUNK], stored[head + SEALED_CHUNK : head + 2 * SEALED_CHUNK]
    return stored[:head] + second + first + stored[head + 2 * SEALED_CHUNK :]


def one_bit(stored: bytes) -> bytes:
    return stored[:-1] + bytes([stored[-1] ^ 1])


@pytest.mark.parametrize("change", [cut, swapped, one_bit, lambda stored: stored[:30]])
def test_file__changed_at_rest__is_refused(storage: SealedStorage, change: Callable[[bytes], bytes]) -> None:
    name = storage.save("a", ContentFile(os.urandom(3 * CHUNK)))
    path = Path(storage.path(name))
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(FileBroken), storage.open(name) as file:
        file.read()


def test_file__from_before__is_read_and_then_encrypted(storage: SealedStorage) -> None:
    """A picture in clear, and a file that was encrypted as one value."""
    (Path(storage.location) / "old.jpg").write_bytes(b"picture" * 20_000)
    sealed = encrypt(base64.b64encode(b"a sheet").decode(), column=sealed_files.FOLDER)
    (Path(storage.location) / "sheet").write_bytes(sealed.encode())
    os.utime(storage.path("old.jpg"), (1000, 1000))
    with storage.open("old.jpg") as file:
        assert file.read() == b"picture" * 20_000
    assert [storage.key_of(name) for name in storage.names()] == [None, None]

    assert [storage.renew(name) for name in storage.names()] == [True, True]
    assert [storage.renew(name) for name in storage.names()] == [False, False]
    assert list(storage.names()) == ["old.jpg", "sheet"]
    assert storage.key_of("old.jpg") == "demo"
    with storage.open("old.jpg") as file:
        assert file.read() == b"picture" * 20_000
    with storage.open("sheet") as file:
        assert file.read() == b"a sheet"
    assert Path(storage.path("old.jpg")).stat().st_mtime == 1000


def test_sealed_file__from_before__still_reads(tmp_path: Path) -> None:
    name = sealed_files.keep(b"kept")
    assert sealed_files.read(name) == b"kept"
    sealed = encrypt(base64.b64encode(b"a sheet").decode(), column=sealed_files.FOLDER)
    Path(default_storage.path(name)).write_bytes(sealed.encode())
    assert sealed_files.read(name) == b"a sheet"
    sealed_files.discard(name)


RANGES = [
    ("bytes=0-99", 206, slice(0, 100), "bytes 0-99/200000"),
    ("bytes=65530-65545", 206, slice(65530, 65546), "bytes 65530-65545/200000"),
    ("bytes=199990-", 206, slice(199990, None), "bytes 199990-199999/200000"),
    ("bytes=-5", 206, slice(199995, None), "bytes 199995-199999/200000"),
    ("bytes=0-", 206, slice(0, None), "bytes 0-199999/200000"),
    ("bytes=200000-", 416, slice(0, 0), "bytes */200000"),
    ("bytes=0-1,5-6", 200, slice(0, None), None),
    ("bytes=-", 200, slice(0, None), None),
    ("lines=1-2", 200, slice(0, None), None),
]


@pytest.fixture(scope="module")
def recording() -> Any:
    content = os.urandom(200_000)
    name = default_storage.save("recordings/a.m4a", ContentFile(content))
    yield name, content
    default_storage.delete(name)


@pytest.mark.parametrize(("wanted", "status", "part", "said"), RANGES, ids=[one[0] for one in RANGES])
def test_recording__part_asked_for__is_answered(
    recording: tuple[str, bytes], wanted: str, status: int, part: slice, said: str | None
) -> None:
    name, content = recording

    def page(_request: HttpRequest) -> Any:
        return serve_private(name, content_type="audio/mp4")

    response: Any = RangeMiddleware(page)(RequestFactory().get("/", headers={"Range": wanted}))
    answer = b"".join(response)
    response.close()
    assert (response.status_code, response.headers.get("Content-Range")) == (status, said)
    assert answer == content[part]
    assert int(response["Content-Length"]) == len(answer)
    assert response["Accept-Ranges"] == "bytes"


def test_file__long__is_read_chunk_by_chunk(storage: SealedStorage) -> None:
    """No more than a few chunks are in memory, whatever the length."""
    asked: list[int] = []

    class Long(io.RawIOBase):
        left = 40

        def read(self, size: int = -1) -> bytes:
            asked.append(size)
            self.left -= 1
            return b"x" * size if self.left >= 0 else b""

        def seek(self, *_where: int) -> int:
            return 0

    file: Any = ContentFile(b"")
    file.file = Long()
    name = storage.save("long", file)
    assert set(asked) == {CHUNK}
    assert storage.size(name) == 40 * CHUNK
