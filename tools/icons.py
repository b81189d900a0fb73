"""Makes static/img/icons.svg, the one sprite of every icon that the pages use.

    npm pack @tabler/icons@3.51.0 && tar xzf tabler-icons-3.51.0.tgz
    python tools/icons.py package

The sprite is committed: a build needs no Node. To add an icon, add its name to ``ICONS`` and run
this again; for a name that the sprite does not have ``{% icon "name" %}`` shows the tool.
"""

import re
import shutil
import sys
from pathlib import Path

IMG = Path(__file__).resolve().parent.parent / "static" / "img"

# our name: Tabler's name. Named by what we mean by it, so that a drawing can be changed in one place.
ICONS = {
    "home": "home",
    "tool": "tool",
    "droplet": "droplet",
    "bolt": "bolt",
    "door": "door",
    "lock": "lock",
    "key": "key",
    "lift": "elevator",
    "bath": "bath",
    "bulb": "bulb",
    "window": "window",
    "wall": "wall",
    "roof": "home-2",
    "paint": "paint",
    "trash": "trash",
    "tree": "tree",
    "parking": "parking",
    "car": "car",
    "flame": "flame",
    "alert": "alert-triangle",
    "phone": "phone",
    "bell": "bell",
    "user": "user",
    "users": "users",
    "heart": "heart",
    "receipt": "receipt-yuan",
    "message": "message-2",
    "speakerphone": "speakerphone",
    "building": "building-community",
    "tower": "building",
    "qrcode": "qrcode",
    "camera": "camera",
    "photo": "photo",
    "microphone": "microphone",
    "stop": "player-stop",
    "play": "player-play",
    "check": "check",
    "circle-check": "circle-check",
    "x": "x",
    "clock": "clock",
    "calendar": "calendar",
    "arrow-left": "arrow-left",
    "arrow-right": "arrow-right",
    "chevron-left": "chevron-left",
    "chevron-right": "chevron-right",
    "chevron-down": "chevron-down",
    "search": "search",
    "filter": "filter",
    "volume": "volume",
    "logout": "logout",
    "settings": "settings",
    "star": "star",
    "mood-happy": "mood-smile",
    "mood-neutral": "mood-empty",
    "mood-sad": "mood-sad",
    "file-spreadsheet": "file-spreadsheet",
    "printer": "printer",
    "wifi-off": "wifi-off",
    "dots": "dots",
    "plus": "plus",
    "refresh": "refresh",
    "send": "send",
    "map-pin": "map-pin",
    "clipboard": "clipboard-list",
    "board": "layout-kanban",
    "family": "heart-handshake",
    "info": "info-circle",
    "pencil": "pencil",
    "eye": "eye",
    "download": "download",
    "upload": "upload",
    "history": "history",
    "language": "language",
    "shield": "shield-check",
    "device": "device-mobile",
    "washer": "wash-machine",
    "cooling": "air-conditioning",
    "plug": "plug",
    "network": "router",
    "pipe": "pipeline",
    "stairs": "stairs",
    "hammer": "hammer",
    "bucket": "bucket-droplet",
    "wind": "wind",
    "fence": "fence",
    "chart": "chart-bar",
    "id": "id",
    "link": "link",
    "moon": "moon",
    "sun": "sun",
    "soup": "soup",
    "stethoscope": "stethoscope",
    "walk": "walk",
    "thumb-up": "thumb-up",
    "thumb-down": "thumb-down",
}
# What every page of the large mode loads must stay small, so shapes lose what a browser assumes.
DROP = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


def symbol(name: str, source: Path) -> str:
    """One ``<symbol>`` without Tabler's wrapper, comments and line breaks."""
    text = re.sub(r"<!--.*?-->", "", source.read_text(), flags=re.S)
    inside = re.search(r"<svg[^>]*>(.*)</svg>", text, flags=re.S)
    if inside is None:
        raise SystemExit(f"{source} is not an SVG")
    shapes = re.sub(r"\s+", " ", DROP.sub("", inside.group(1))).replace("> <", "><").replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes.strip()}</symbol>'


def main(package: Path) -> None:
    symbols = [symbol(name, package / "icons" / "outline" / f"{file}.svg") for name, file in ICONS.items()]
    note = "<!-- Tabler Icons, MIT licence: LICENSE-tabler.txt beside this file. Made by tools/icons.py. -->"
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">{note}\n' + "\n".join(symbols) + "\n</svg>\n"
    (IMG / "icons.svg").write_text(sprite)
    shutil.copy(package / "LICENSE", IMG / "LICENSE-tabler.txt")
    print(f"{len(symbols)} icons, {len(sprite) / 1024:.1f} KB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
