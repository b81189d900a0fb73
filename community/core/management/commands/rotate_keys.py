"""Command that encrypts everything with the newest key while the product runs."""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandParser

from community.core import rotation
from community.core.encryption import key_names
from community.core.sealed_storage import FileBroken, SealedStorage
from community.core.search.keys import mend, searched_models

# Django's proxy of the one storage.
storage = cast(SealedStorage, default_storage)
# Seconds between two lines of progress.
EVERY = 5.0
IN_FILES = "files"


class Command(BaseCommand):
    """Encrypts columns and private files with the first key of ``FIELD_KEYS`` and says which keys are free."""

    help = (
        "Encrypt all encrypted columns and private files with the newest key and cipher. Pages go on meanwhile; "
        "killed in the middle, run it again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--blind-index",
            action="store_true",
            help="write the blind indexes and search keys of BLIND_INDEX_OLD_KEY anew",
        )
        parser.add_argument(
            "--check", action="store_true", help="change nothing; only say which keys are used"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self._said_at = time.monotonic()
        if options["blind_index"]:
            self._reindex(is_check=options["check"])
            return
        if not options["check"]:
            for source in rotation.sources():
                self._follow(str(source), rotation.reseal(source))
            self._renew_files()
        self._say_what_is_used()

    def _follow(self, name: str, batches: Iterator[int]) -> None:
        done = 0
        for count in batches:
            done += count
            if time.monotonic() - self._said_at > EVERY:
                self._progress(f"{name}: {done}")
        if done:
            self._progress(f"{name}: {done}, done")

    def _progress(self, line: str) -> None:
        self._said_at = time.monotonic()
        self.stdout.write(line)
        self.stdout.flush()

    def _renew_files(self) -> None:
        done = renewed = 0
        for name in storage.names():
            try:
                renewed += storage.renew(name)
            except FileBroken as error:
                self.stderr.write(f"{name}: {error}")
            done += 1
            if time.monotonic() - self._said_at > EVERY:
                self._progress(f"files: {done}")
        self._progress(f"files: {done}, of which {renewed} were encrypted anew")

    def _say_what_is_used(self) -> None:
        used: dict[str, Counter[str]] = {}
        for source in rotation.sources():
            for key, count in rotation.keys_in_use(source).items():
                used.setdefault(key, Counter())[str(source)] = count
        for name in storage.names():
            used.setdefault(_key_of_file(name), Counter())[IN_FILES] += 1
        newest, *former = key_names()
        self.stdout.write(f"{newest}: the newest key, {sum(used.pop(newest, Counter()).values())} values")
        for key in former:
            still = used.pop(key, Counter())
            self.stdout.write(f"{key}: {_places(still)}" if still else f"{key}: free, nothing names it")
        for state, places in used.items():
            self.stdout.write(f"{state}: {_places(places)}")

    def _reindex(self, *, is_check: bool) -> None:
        columns = rotation.indexed_columns()
        if not is_check:
            for model, field in columns:
                self._follow(f"{model._meta.db_table}.{field.column}", rotation.reindex(model, field))
            for searched in searched_models():
                self._progress(f"search keys of {searched._meta.label}: {mend(searched)} rows written anew")
        left = {f"{m._meta.db_table}.{f.column}": rotation.former_indexes(m, f) for m, f in columns}
        still = Counter({name: count for name, count in left.items() if count})
        self.stdout.write(
            f"former key of the blind index: {_places(still)}"
            if still
            else "former key of the blind index: free for numbers and names; codes of anonymous feedback that were "
            "given out before open only while BLIND_INDEX_OLD_KEY is set"
        )


def _places(counts: Counter[str]) -> str:
    return ", ".join(f"{count} in {place}" for place, count in counts.most_common())


def _key_of_file(name: str) -> str:
    try:
        key = storage.key_of(name)
    except FileNotFoundError:
        return key_names()[0]
    if key is None:
        return rotation.IN_CLEAR
    return key if key in key_names() else rotation.UNKNOWN
