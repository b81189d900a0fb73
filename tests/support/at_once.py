"""Runs several functions at the same moment, in threads of this process."""

import threading
from collections.abc import Callable

from django.db import connections

from community.core.errors import ActionError


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Runs all functions in threads that start together; returns ``ok`` or the code of the refusal of each."""
    start = threading.Barrier(len(acts))
    outcomes: list[str] = []

    def run(act: Callable[[], object]) -> None:
        try:
            start.wait(timeout=10)
            act()
            outcomes.append("ok")
        except ActionError as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(outcomes)
