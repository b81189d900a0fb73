"""Take the pictures of the README: starts the demo in a folder of its own, looks at it, stops it.

``tools/screenshots.py [name …]`` takes only the named ones. They go to docs/images/.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import django
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "images"
PHONE = (360, 740)
DESK = (1280, 800)


@dataclass(frozen=True)
class Shot:
    """One picture: who looks at what, how.

    ``{repair}`` is a repair of theirs that is under way, ``{project}`` a renovation that takes bookings.
    """

    name: str
    path: str
    person: str = ""
    mode: str = "standard"
    language: str = "zh-hans"
    size: tuple[int, int] = PHONE
    scheme: str = "light"


SHOTS = [
    Shot("sign-in", "/sign-in/"),
    Shot("home", "/", "owner"),
    Shot("home-dark", "/", "owner", scheme="dark"),
    Shot("home-en", "/", "owner", language="en"),
    Shot("home-large", "/", "elder", mode="large"),
    Shot("report", "/repairs/new/", "owner"),
    Shot("report-large", "/repairs/new/", "elder", mode="large"),
    Shot("repair", "/repairs/{repair}/", "owner"),
    Shot("repair-large", "/repairs/{repair}/", "elder", mode="large"),
    Shot("fees", "/fees/", "owner"),
    Shot("care", "/care/", "owner"),
    Shot("help-large", "/help/", "elder", mode="large"),
    Shot("renovation", "/renovation/{project}/", "owner"),
    Shot("renovation-large", "/renovation/{project}/", "elder", mode="large"),
    Shot("notices", "/notices/", "owner"),
    Shot("morning", "/staff/morning/", "manager", size=DESK),
    Shot("board", "/staff/repairs/", "dispatcher", size=DESK),
    Shot("work", "/work/", "worker1"),
    Shot("admin", "/admin/repairs/repair/", "admin", size=DESK),
    Shot("design", "/design/", size=DESK),
]


@contextmanager
def demo() -> Iterator[str]:
    """The demo on a free port with fresh data; the address, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="linli-shots-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        os.environ.update(
            DEMO="1", DATA_DIR=folder, PORT=str(port), DJANGO_SETTINGS_MODULE="community.settings"
        )
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        log = Path(folder) / "out.log"
        with log.open("wb") as output:
            command = [sys.executable, "-m", "community.demo"]
            running = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        try:
            while "Ready after" not in log.read_text():
                if running.poll() is not None:
                    raise SystemExit(log.read_text())
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait()


def cookies_of(shot: Shot, address: str) -> tuple[list[dict[str, str]], str]:
    """The cookies of the person who looks, and the path with what is theirs in it."""
    from django.conf import settings  # noqa: PLC0415  (Django is set up when the demo runs)
    from django.contrib.auth import get_user_model  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from community.demo.people import PEOPLE  # noqa: PLC0415
    from services.renovation.models import RenovationProject  # noqa: PLC0415
    from services.repairs.models import Repair  # noqa: PLC0415

    cookies = {"mode": shot.mode, settings.LANGUAGE_COOKIE_NAME: shot.language}
    path = shot.path
    for person in PEOPLE:
        if person.key == shot.person:
            user: Any = get_user_model().objects.get(name=person.name, is_active=True)
            client = Client()
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
            theirs = Repair.objects.filter(resident=user)
            under_way = theirs.filter(status="in_work").first() or theirs.first()
            project = RenovationProject.objects.bookable().last()
            path = path.format(repair=under_way.pk if under_way else 0, project=project.pk if project else 0)
    return [{"name": name, "value": value, "url": address} for name, value in cookies.items()], path


def take(browser: Browser, shot: Shot, address: str) -> bool:
    width, height = shot.size
    phone = width < 700
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if phone else 1,
        color_scheme="dark" if shot.scheme == "dark" else "light",
        has_touch=phone,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    cookies, path = cookies_of(shot, address)
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    answer = page.goto(address + path)
    page.wait_for_timeout(500)
    picture = Image.open(BytesIO(page.screenshot()))
    context.close()
    target = TARGET / f"{shot.name}.png"
    # A palette is enough for a drawn page, and a third of the size.
    picture.convert("RGB").quantize(192).save(target, optimize=True)
    status = answer.status if answer else 0
    print(f"{target.relative_to(ROOT)}  {target.stat().st_size // 1024} KB  {status} {path}", flush=True)
    return status == 200


def main() -> None:
    sys.path.insert(0, str(ROOT))
    chosen = [shot for shot in SHOTS if not sys.argv[1:] or shot.name in sys.argv[1:]]
    TARGET.mkdir(parents=True, exist_ok=True)
    chromium = (
        os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    )
    with demo() as address:
        django.setup()
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
            failed = [shot.path for shot in chosen if not take(browser, shot, address)]
            browser.close()
    if failed:
        raise SystemExit(f"Not answered: {', '.join(failed)}")


if __name__ == "__main__":
    main()
