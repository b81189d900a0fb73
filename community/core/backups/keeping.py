"""Which backups are kept: the last of each of seven days, four weeks and twelve months that have one."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from community.core.services.metrics import Metric

DAYS, WEEKS, MONTHS = 7, 4, 12
NAME = re.compile(r"linli-(\d{8}T\d{6}Z)\.tar\.age")
STAMP = "%Y%m%dT%H%M%SZ"
RULES: tuple[tuple[int, Callable[[datetime], object]], ...] = (
    (DAYS, lambda at: at.date()),
    (WEEKS, lambda at: at.isocalendar()[:2]),
    (MONTHS, lambda at: (at.year, at.month)),
)


def name_of(now: datetime) -> str:
    """Returns the name of the backup of a moment."""
    return f"linli-{now.astimezone(UTC):{STAMP}}.tar.age"


def made_at(path: Path) -> datetime | None:
    """Returns when a backup was made, by its name; None for another file."""
    match = NAME.fullmatch(path.name)
    return datetime.strptime(match[1], STAMP).replace(tzinfo=UTC) if match else None


def all_in(folder: Path) -> list[Path]:
    """Returns the backups of a folder, the newest first."""
    return sorted(
        (path for path in folder.iterdir() if made_at(path)), key=lambda path: path.name, reverse=True
    )


def age(now: datetime) -> Iterator[Metric]:
    """Yields the age of the newest backup in the folder of the settings; no value without one."""
    folder = Path(settings.BACKUP_DIR)
    newest = next((at for path in (all_in(folder) if folder.is_dir() else []) if (at := made_at(path))), None)
    values: list[tuple[dict[str, str], float]] = [({}, (now - newest).total_seconds())] if newest else []
    yield Metric("linli_backup_age_seconds", "Age of the newest backup", values)


def to_delete(backups: Iterable[Path]) -> list[Path]:
    """Returns the backups that no rule keeps; the newest always stays."""
    dated = sorted(((at, path) for path in backups if (at := made_at(path))), reverse=True)
    kept: set[Path] = {path for _at, path in dated[:1]}
    for number, period_of in RULES:
        periods: dict[object, Path] = {}
        for at, path in dated:
            periods.setdefault(period_of(at), path)
        kept |= set(list(periods.values())[:number])
    return [path for _at, path in dated if path not in kept]
