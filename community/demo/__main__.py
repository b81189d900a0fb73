"""``python -m community.demo`` runs the whole product on one machine until Ctrl-C. See ``make demo``.

Not a management command, because those load every app before their first line.
"""

import argparse
import os
import sys

# Read by the settings on first access.
os.environ["DEMO"] = "1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "community.settings")

from community.demo.processes import AlreadyRunning
from community.demo.runner import CannotStart, Runner, shorten_socket_path


def main() -> None:
    parser = argparse.ArgumentParser(prog="make demo", description="Run the demo estate until Ctrl-C.")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
    parser.add_argument("--reset", action="store_true", help="throw the demo's data away first")
    wanted = parser.parse_args()
    try:
        shorten_socket_path()
        Runner(port=wanted.port, say=_say).run(afresh=wanted.reset)
    except (CannotStart, AlreadyRunning) as problem:
        sys.exit(str(problem))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  (this is what a person at a terminal reads)


if __name__ == "__main__":
    main()
