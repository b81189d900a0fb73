"""What the product is made of: the bill of materials, and what is said of its known weaknesses."""

import json
import re
from typing import Any

import pytest

from tests.test_architecture import ROOT
from tools.known_weaknesses import FOUND, NOT_REACHED, verdict
from tools.sbom import PINS, bill_of_materials

pytestmark = pytest.mark.once


def test_bill__of_materials__has_every_pin_with_its_hashes() -> None:
    bill = json.loads(bill_of_materials())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    text = PINS.read_text()
    pinned = re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE)
    assert {(one["name"], one["version"]) for one in bill["components"]} == set(pinned)
    hashes = [one["content"] for part in bill["components"] for one in part["hashes"]]
    assert sorted(hashes) == sorted(re.findall(r"--hash=sha256:(\w+)", text))
    assert "pkg:pypi/django@" in json.dumps(bill)


def package(name: str, *vulns: str) -> dict[str, Any]:
    told = [{"id": one, "aliases": ["CVE-1"], "fix_versions": ["2.0"]} for one in vulns]
    return {"name": name, "version": "1.0", "vulns": told}


UNKNOWN = {"name": "b", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("said", "code", "words"),
    [
        ([package("a"), package("b")], 0, "2 packages"),
        ([package("a", "PYSEC-1"), UNKNOWN], FOUND, "a 1.0: PYSEC-1, CVE-1 (mended in 2.0)"),
        ([package("a"), UNKNOWN], NOT_REACHED, "nothing was said of b"),
        ([UNKNOWN], NOT_REACHED, "knows none"),
        ([], NOT_REACHED, "Could not connect"),
    ],
)
def test_weaknesses__nobody_said_a_package_is_sound__is_no_yes(said: Any, code: int, words: str) -> None:
    found, lines = verdict(said, "WARNING:x\nERROR:pip_audit._cli:Could not connect to the feed\n")
    assert (found, words in lines[0]) == (code, True)


def test_lint__asks_and_says_when_nobody_answered() -> None:
    script = (ROOT / "tools" / "lint.sh").read_text()
    assert "tools/known_weaknesses.py" in script
    assert "NOT REACHED" in script
