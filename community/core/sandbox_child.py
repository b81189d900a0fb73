"""Process started by ``sandbox``: sets its own limits, calls the function, writes the answer.

Run as a script by its path; imports only the standard library.
"""

import importlib
import json
import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, TextIO

# Largest file that it may write, including its answer.
MAX_FILE = 256 * 1024 * 1024
MAX_OPEN = 64


def limit(memory: int, seconds: int) -> None:
    """Sets hard limits of this process; limits that the system lacks are skipped."""
    limits = {
        "RLIMIT_AS": memory,
        "RLIMIT_DATA": memory,
        "RLIMIT_FSIZE": MAX_FILE,
        "RLIMIT_NOFILE": MAX_OPEN,
        "RLIMIT_CORE": 0,
    }
    for name, most in limits.items():
        with suppress(AttributeError, ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    # In case the waiting process is killed.
    signal.alarm(seconds + 1)


def pass_over_packages(module: str, root: str) -> None:
    """Makes a module importable without running its packages: ours load Celery and Django."""
    names = module.split(".")[:-1]
    for depth in range(1, len(names) + 1):
        package = ModuleType(".".join(names[:depth]))
        package.__path__ = [str(Path(root, *names[:depth]))]
        sys.modules[package.__name__] = package


def answer(module: str, function: str) -> dict[str, Any]:
    """Returns the function's result or its error."""
    try:
        arguments = json.load(sys.stdin)
        return {"answer": getattr(importlib.import_module(module), function)(**arguments)}
    except MemoryError:
        return {"error": "memory"}
    except Exception as error:  # noqa: BLE001 - told to the process that waits
        return {"error": f"{type(error).__name__}: {str(error)[:500]}"}


def main() -> None:
    memory, seconds, root, module, function = sys.argv[1:]
    out: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # output of libraries is not the answer
    limit(int(memory), int(seconds))
    sys.path.append(root)
    pass_over_packages(module, root)
    try:
        text = json.dumps(answer(module, function))
    except MemoryError:
        text = '{"error": "memory"}'
    out.write(text)
    out.close()


if __name__ == "__main__":
    main()
