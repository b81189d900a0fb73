"""Scans an old workbook (.xls): a small file system (MS-CFB) with a stream of records (MS-XLS).

Runs in the sandbox: standard library only.
"""

from collections.abc import Iterator
from struct import Struct, unpack_from

from community.core.sheets.shape import Refused, Shape

END_OF_CHAIN, FREE = 0xFFFFFFFE, 0xFFFFFFFF
# Smaller streams are stored in small sectors inside a stream of the root.
SMALL_STREAM = 4096
# Record types: beginning and end of a part, and cells with values.
BOF, EOF, FILEPASS = 0x0809, 0x000A, 0x002F
FORMULA, ERROR_OR_TRUTH, MANY_NUMBERS = 0x0006, 0x0205, 0x00BD
ONE_CELL = {FORMULA, ERROR_OR_TRUTH, 0x0203, 0x027E, 0x0204, 0x00FD, 0x00D6}
ROW, MERGED, IS_HIDDEN = 0x0208, 0x00E5, 0x20
WORKSHEET, GLOBALS = 0x0010, 0x0005
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
ENTRY = 128
RECORD = Struct("<HH")


def shapes(content: bytes, most_rows: int, most_columns: int) -> list[Shape]:
    """Returns the shapes of all sheets, including charts. Raises ``Refused`` for anything but a workbook."""
    streams = dict(_streams(content))
    if "EncryptedPackage" in streams:
        raise Refused("password")
    stream = streams.get("Workbook") or streams.get("Book")
    if stream is None:
        raise Refused("not_a_workbook")
    found: list[Shape] = []
    for kind, cells, beside in _parts(stream):
        if kind == GLOBALS:
            continue
        shape = Shape(most_rows, most_columns)
        for record, body in beside:
            _note(shape, record, body)
        for row, column, text in cells:
            if text:
                shape.error_at(row, column, text)
            else:
                shape.value_at(row, column)
        found.append(shape)
    if not found:
        raise Refused("empty")
    return found


# -- The file system


def _streams(content: bytes) -> Iterator[tuple[str, bytes]]:
    size, small_size = 1 << unpack_from("<H", content, 30)[0], 1 << unpack_from("<H", content, 32)[0]
    if size not in (512, 4096) or small_size != 64:
        raise Refused("broken")
    first_directory, small_table, table_more = (unpack_from("<I", content, at)[0] for at in (48, 60, 68))
    table = _table(content, size, table_more)

    def chain(first: int) -> bytes:
        return b"".join(content[(one + 1) * size : (one + 2) * size] for one in _chain(table, first))

    directory = chain(first_directory)
    entries = [_entry(directory[at : at + ENTRY]) for at in range(0, len(directory) - ENTRY + 1, ENTRY)]
    root = chain(entries[0][1])
    small = _numbers(chain(small_table)) if small_table < END_OF_CHAIN else ()
    for name, first, length in entries[1:]:
        if not length or name not in ("Workbook", "Book", "EncryptedPackage"):
            continue
        if length < SMALL_STREAM:
            pieces = (root[one * 64 : one * 64 + 64] for one in _chain(small, first))
            yield name, b"".join(pieces)[:length]
        else:
            yield name, chain(first)[:length]


def _entry(entry: bytes) -> tuple[str, int, int]:
    length = min(max(unpack_from("<H", entry, 64)[0] - 2, 0), 62)
    first, size = unpack_from("<II", entry, 116)
    return entry[:length].decode("utf-16-le", "replace"), first, size


def _table(content: bytes, size: int, more: int) -> tuple[int, ...]:
    """Returns the sector table; its own sectors are listed in the header and in a chain of further ones."""
    sectors = list(unpack_from("<109I", content, 76))
    for _round in range(len(content) // size):
        if more >= END_OF_CHAIN:
            break
        numbers = _numbers(content[(more + 1) * size : (more + 2) * size])
        sectors += numbers[:-1]
        more = numbers[-1]
    pieces = (content[(one + 1) * size : (one + 2) * size] for one in sectors if one < END_OF_CHAIN)
    return _numbers(b"".join(pieces))


def _numbers(content: bytes) -> tuple[int, ...]:
    return unpack_from(f"<{len(content) // 4}I", content)


def _chain(table: tuple[int, ...], first: int) -> Iterator[int]:
    """Yields the sectors of one stream. Raises ``Refused`` for a cycle."""
    for _sector in range(len(table) + 1):
        if first >= END_OF_CHAIN:
            return
        yield first
        first = table[first]
    raise Refused("broken")


# -- The records


def _note(shape: Shape, record: int, body: bytes) -> None:
    """Records a hidden row or merged cells."""
    if record == ROW:
        row, options = unpack_from("<H", body)[0], unpack_from("<H", body, 12)[0]
        if options & IS_HIDDEN:
            shape.hidden_at(row + 1, row + 1)
        return
    for number in range(unpack_from("<H", body)[0]):
        first, last, left, right = unpack_from("<HHHH", body, 2 + number * 8)
        shape.merged_at(first + 1, left + 1, last + 1, right + 1)


def _parts(stream: bytes) -> Iterator[tuple[int, list[tuple[int, int, str]], list[tuple[int, bytes]]]]:
    """Yields (kind, cells as (row, column, error or ""), other records) of the globals, then of each sheet."""
    at, depth, kind = 0, 0, 0
    cells: list[tuple[int, int, str]] = []
    beside: list[tuple[int, bytes]] = []
    while at + 4 <= len(stream):
        record, length = RECORD.unpack_from(stream, at)
        body = stream[at + 4 : at + 4 + length]
        at += 4 + length
        if record == BOF:
            depth += 1
            if depth == 1:
                kind, cells, beside = unpack_from("<H", body, 2)[0], [], []
        elif record == EOF:
            depth -= 1
            if depth == 0:
                yield kind, cells, beside
        elif record == FILEPASS:
            raise Refused("password")
        elif depth == 1 and kind == WORKSHEET:
            cells += _cells(record, body)
            if record in (ROW, MERGED):
                beside.append((record, body))


def _cells(record: int, body: bytes) -> list[tuple[int, int, str]]:
    if record in ONE_CELL:
        row, column = unpack_from("<HH", body)
        return [(row + 1, column + 1, _error(record, body))]
    if record == MANY_NUMBERS:
        row = unpack_from("<H", body)[0]
        return [(row + 1, unpack_from("<H", body, len(body) - 2)[0] + 1, "")]
    return []


def _error(record: int, body: bytes) -> str:
    if record == ERROR_OR_TRUTH and body[7]:
        return ERRORS.get(body[6], "#")
    if record == FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
        return ERRORS.get(body[8], "#")
    return ""
