"""Functions that ``limited`` runs in the tests of it. Imports the standard library only."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def echo(**arguments: Any) -> dict[str, Any]:
    return arguments


def look_around() -> dict[str, Any]:
    Path("left").write_text("behind")
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"behind")
    print("a library prints this")
    return {
        "django": "django" in sys.modules,
        "environment": sorted(os.environ),
        "descriptors": [
            number
            for number in range(3, 64)
            if os.path.exists(f"/proc/self/fd/{number}")  # noqa: PTH110
        ],
        "folder": str(Path.cwd()),
        "written": str(Path(file.name).parent),
    }


def take(megabytes: int) -> dict[str, Any]:
    return {"taken": len(bytearray(megabytes * 1024 * 1024))}


def spin() -> dict[str, Any]:
    while True:
        pass


def sleep_with_a_child(pid_file: str) -> dict[str, Any]:
    child = subprocess.Popen(["sleep", "60"])
    Path(pid_file).write_text(str(child.pid))
    time.sleep(60)
    return {}


def raise_an_error() -> dict[str, Any]:
    raise ValueError("a bad file")


def crash() -> dict[str, Any]:
    os.abort()


def write_much() -> dict[str, Any]:
    with Path("much").open("wb") as file:
        for _piece in range(300):
            file.write(bytes(1024 * 1024))
    return {}
