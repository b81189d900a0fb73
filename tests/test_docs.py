"""What the documents name is there: a path that has moved is found here, not by who looks for it."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    "accounts",
    "community",
    "deploy",
    "docs",
    "requirements",
    "services",
    "static",
    "templates",
    "tests",
    "tools",
)
SUFFIXES = (
    ".py",
    ".md",
    ".html",
    ".js",
    ".css",
    ".sh",
    ".toml",
    ".txt",
    ".in",
    ".po",
    ".example",
    ".service",
    ".conf",
)
DOCUMENTS = sorted(
    [
        *ROOT.glob("README*.md"),
        ROOT / "CONTRIBUTING.md",
        *ROOT.glob("docs/*.md"),
        ROOT / "deploy" / "README.md",
    ]
)


def paths_in(text: str) -> Iterator[str]:
    """What stands in backticks and names a file or a folder of ours: from the root, or the end of a path."""
    for quoted in re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        for word in quoted.split():
            path = re.sub(r"<\w+>", "*", word)
            is_ours = path.split("/")[0] in FOLDERS and "/" in path
            if is_ours or (path.endswith(SUFFIXES) and not path.startswith("/")):
                yield path.rstrip("/")


def is_there(path: str, known: set[str]) -> bool:
    return path in known or any(fnmatchcase(one, f"*/{path}") or fnmatchcase(one, path) for one in known)


@pytest.fixture(scope="module")
def known() -> set[str]:
    ours = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return {path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*"), *ours]}


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("`docs/api.md` and `actions/steps.py`", ["docs/api.md", "actions/steps.py"]),
        ("`.venv/bin/pytest tests/services/repairs -k assign`", ["tests/services/repairs"]),
        ("`parts/<area>.po`, `docs/images/`", ["parts/*.po", "docs/images"]),
        ("`/etc/linli.env`, `jobs/<id>/take/`, `begin_report()`, `core.clock.now()`", []),
        ("```\npython gone.py\n```", []),
    ],
)
def test_paths_in__examples__found(text: str, paths: list[str]):
    assert list(paths_in(text)) == paths


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_document__paths_in_it__are_there(document: Path, known: set[str]):
    gone = {path for path in paths_in(document.read_text()) if not is_there(path, known)}
    assert gone == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_document__links_in_it__lead_somewhere(document: Path):
    targets = re.findall(r"\]\(([^)#\s]+)", document.read_text())
    gone = [target for target in targets if "://" not in target and not (document.parent / target).exists()]
    assert gone == []
