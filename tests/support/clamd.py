"""A local server that speaks clamd's INSTREAM as its manual describes it, and finds the EICAR test string."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# In two pieces, so that no scanner takes this file for the test virus.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + rb"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
NAME = "Eicar-Test-Signature"


class LocalClamd:
    """``mood``: "well", "silent", "slow" (bytes of an answer that never ends) or "rude" (hangs up)."""

    def __init__(self, address: str, listening: socket.socket, *, most: int) -> None:
        self.address, self.most, self.mood = address, most, "well"
        self.scanned: list[int] = []
        self.chunks = 0
        self._listening = listening

    def run(self) -> None:
        with suppress(OSError):
            while True:
                link, _from = self._listening.accept()
                threading.Thread(target=self._serve, args=[link], daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        with link, suppress(OSError, struct.error), link.makefile("rb") as asked:
            command = b""
            while not command.endswith(b"\0"):
                command += asked.read(1)
            link.sendall(self._answer(command, asked) if self.mood == "well" else self._odd(link))

    def _answer(self, command: bytes, asked) -> bytes:
        if command == b"zPING\0":
            return b"PONG\0"
        if command != b"zINSTREAM\0":
            return b"UNKNOWN COMMAND\0"
        content = b""
        while size := struct.unpack("!I", asked.read(4))[0]:
            self.chunks += 1
            content += asked.read(size)
            if len(content) > self.most:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.scanned.append(len(content))
        return f"stream: {NAME} FOUND\0".encode() if EICAR in content else b"stream: OK\0"

    def _odd(self, link: socket.socket) -> bytes:
        if self.mood == "silent":
            time.sleep(2)
        while self.mood == "slow":
            link.sendall(b".")
            time.sleep(0.02)
        return b""


@contextmanager
def local_clamd(folder: Path | None = None, *, most: int = 300_000) -> Iterator[LocalClamd]:
    """Listens at a Unix socket in the folder, or at a port of this machine."""
    if folder is None:
        listening = socket.create_server(("127.0.0.1", 0))
        address = f"clamd://127.0.0.1:{listening.getsockname()[1]}"
    else:
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(folder / "clamd.ctl"))
        listening.listen()
        address = f"clamd:{folder}/clamd.ctl"
    server = LocalClamd(address, listening, most=most)
    threading.Thread(target=server.run, daemon=True).start()
    with listening:
        yield server
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
