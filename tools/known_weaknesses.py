"""Asks pip-audit about what requirements/*.txt pin: exits with 1 for known weaknesses, with 3 if nobody answered.

An index that knows nothing of a package (a mirror, a wall) has not said that it is sound.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOUND, NOT_REACHED = 1, 3
SECONDS = 240


def asked(pins: Path) -> tuple[list[dict[str, Any]], str]:
    """Returns what pip-audit says of each package, and what it says beside that."""
    how = [
        "--disable-pip",
        "--require-hashes",
        "--progress-spinner",
        "off",
        "--timeout",
        "5",
        "--format",
        "json",
    ]
    command = [sys.executable, "-m", "pip_audit", *how, "--requirement", str(pins)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return [], f"no answer in {SECONDS} s"
    try:
        return json.loads(done.stdout)["dependencies"], done.stderr
    except (ValueError, KeyError):
        return [], done.stderr


def verdict(said: list[dict[str, Any]], beside: str) -> tuple[int, list[str]]:
    """Returns the code with which to exit, and lines that say why."""
    known = [one for one in said if "vulns" in one]
    unknown = [one["name"] for one in said if "vulns" not in one]
    weak = [
        f"{one['name']} {one['version']}: {', '.join([vuln['id'], *vuln.get('aliases', [])])}"
        f" (mended in {', '.join(vuln['fix_versions']) or 'no version yet'})"
        for one in known
        for vuln in one["vulns"]
    ]
    if weak:
        return FOUND, weak
    if unknown:
        which = (
            f"nothing was said of {', '.join(unknown)}" if known else "the index knows none of the packages"
        )
        return NOT_REACHED, [which]
    if not known:
        return NOT_REACHED, beside.strip().splitlines()[-1:] or ["no answer"]
    return 0, [f"{len(known)} packages, none with a known weakness"]


if __name__ == "__main__":
    # Holds all that the product needs.
    code, lines = verdict(*asked(ROOT / "requirements" / "dev.txt"))
    print("\n".join(lines))
    sys.exit(code)
