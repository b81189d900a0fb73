"""Photographs of the demo, drawn by code: defects, and the same places repaired.

Coordinates are hundredths of the picture's width: 100 wide, 75 high.
"""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1080, 810
FINE = 2  # drawn larger, then scaled down, for smooth edges

Colour = str
Points = list[tuple[float, float]]

INK = "#2f3b46"
STEEL, STEEL_DARK, STEEL_LIGHT = "#b8c4cc", "#8b9aa5", "#dfe6ea"
WATER, WATER_LIGHT = "#4aa3df", "#a9d6f2"
WARN, FINE_GREEN = "#d9573f", "#3f9b6d"
WOOD, WOOD_DARK = "#b98a5e", "#93683f"
GLOW, BRASS = "#ffd76a", "#d2a24c"


class Sheet:
    """A drawing that begins with a wall and a floor."""

    def __init__(self, wall: Colour, floor: Colour, *, horizon: float = 58) -> None:
        self.k = WIDTH * FINE / 100
        self.image = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), wall)
        self.draw = ImageDraw.Draw(self.image)
        self.box(0, horizon, 100, 75, floor)

    def _scaled(self, *numbers: float) -> list[float]:
        return [number * self.k for number in numbers]

    def box(
        self, x: float, y: float, right: float, bottom: float, fill: Colour, *, round_: float = 0
    ) -> None:
        self.draw.rounded_rectangle(self._scaled(x, y, right, bottom), round_ * self.k, fill)

    def disc(self, x: float, y: float, radius: float, fill: Colour, *, squash: float = 1) -> None:
        tall = radius * squash
        self.draw.ellipse(self._scaled(x - radius, y - tall, x + radius, y + tall), fill)

    def shape(self, points: Points, fill: Colour) -> None:
        self.draw.polygon([(x * self.k, y * self.k) for x, y in points], fill)

    def line(self, points: Points, fill: Colour, width: float = 0.6) -> None:
        scaled = [(x * self.k, y * self.k) for x, y in points]
        self.draw.line(scaled, fill, round(width * self.k), joint="curve")
        for x, y in points:
            self.disc(x, y, width / 2, fill)

    def drop(self, x: float, y: float, size: float, fill: Colour = WATER) -> None:
        self.shape(
            [(x, y - size * 1.7), (x - size * 0.86, y - size * 0.4), (x + size * 0.86, y - size * 0.4)], fill
        )
        self.disc(x, y, size, fill)

    def tiles(self, fill: Colour, step: float = 12.5, until: float = 58) -> None:
        for number in range(1, int(100 / step) + 1):
            self.line([(number * step, 0), (number * step, until)], fill, 0.3)
        for number in range(1, int(until / step) + 1):
            self.line([(0, number * step), (100, number * step)], fill, 0.3)

    def spark(self, x: float, y: float, size: float) -> None:
        bolt = [(0.2, -1), (-0.6, 0.15), (-0.05, 0.15), (-0.25, 1), (0.6, -0.25), (0.05, -0.25)]
        self.shape([(x + dx * size, y + dy * size) for dx, dy in bolt], "#f0a929")

    def jpeg(self) -> io.BytesIO:
        buffer = io.BytesIO()
        small = self.image.resize((WIDTH, HEIGHT), Image.Resampling.BOX)
        small.save(buffer, "JPEG", quality=92)
        buffer.seek(0)
        return buffer


def tap(*, mended: bool) -> Sheet:
    sheet = Sheet("#e9f1f2", "#cfdcdf")
    sheet.tiles("#d8e4e6")
    sheet.box(46, 10, 54, 26, STEEL_DARK, round_=2)
    sheet.box(38, 6, 62, 12, STEEL, round_=3)
    sheet.box(28, 24, 58, 34, STEEL, round_=5)
    sheet.box(28, 24, 38, 44, STEEL, round_=4)
    sheet.box(29.5, 25.5, 56, 28, STEEL_LIGHT, round_=1.2)
    sheet.box(56, 20, 64, 38, STEEL_DARK, round_=2)
    sheet.box(14, 58, 76, 75, "#ffffff", round_=6)
    sheet.disc(45, 62, 26, "#eef3f4", squash=0.16)
    sheet.disc(45, 62.5, 4, STEEL_DARK, squash=0.2)
    if not mended:
        for y, size in ((48.5, 1.5), (54, 1.9), (59.5, 1.6)):
            sheet.drop(33, y, size)
        sheet.drop(60, 42, 1.5)
        sheet.disc(56, 67, 12, WATER_LIGHT, squash=0.18)
        sheet.line([(56, 31), (60, 35), (60, 39)], WATER, 0.9)
    return sheet


def lamp(*, mended: bool) -> Sheet:
    sheet = Sheet("#f6e9cf" if mended else "#5d6672", "#d7bd92" if mended else "#454d58", horizon=64)
    if mended:
        sheet.shape([(38, 34), (62, 34), (88, 64), (12, 64)], "#fdf3da")
    sheet.line([(50, 0), (50, 16)], INK, 0.9)
    sheet.shape([(42, 16), (58, 16), (68, 32), (32, 32)], "#3f7f6a" if mended else "#39584f")
    sheet.disc(50, 33, 8, GLOW if mended else "#858d96")
    sheet.box(46, 26, 54, 31, STEEL_DARK, round_=1)
    sheet.box(6, 30, 22, 64, WOOD if mended else "#5b4a3b", round_=0.5)
    sheet.disc(19, 48, 0.9, BRASS)
    if not mended:
        sheet.line([(46, 33), (48.5, 35), (50, 32), (52, 35.5), (54.5, 32.5)], INK, 0.5)
        sheet.line([(44, 37), (40, 45)], "#9aa2ab", 0.4)
    return sheet


def wall(*, mended: bool) -> Sheet:
    sheet = Sheet("#efe4d2", "#b9a184")
    sheet.box(0, 55, 100, 58, "#fbf6ec")
    sheet.box(64, 12, 90, 40, "#ffffff", round_=1)
    sheet.box(66, 14, 88, 38, "#a9cfe6")
    sheet.shape([(66, 38), (66, 30), (74, 24), (82, 33), (88, 28), (88, 38)], "#7fb08a")
    if mended:
        sheet.box(12, 6, 46, 48, "#f3eadb", round_=5)
        sheet.box(20, 60, 26, 70, WOOD, round_=1)
        sheet.box(12, 54, 34, 61, "#ffffff", round_=2)
        return sheet
    crack: Points = [(24, 0), (27, 9), (22, 17), (30, 25), (26, 33), (35, 41), (33, 50), (38, 55)]
    sheet.shape([(18, 24), (30, 20), (40, 30), (34, 42), (22, 38)], "#dccbb0")
    sheet.line(crack, "#7b6a55", 1)
    sheet.line([(30, 25), (38, 22), (42, 26)], "#7b6a55", 0.6)
    sheet.line([(26, 33), (17, 37)], "#7b6a55", 0.6)
    sheet.shape([(34, 60), (40, 59), (42, 63), (36, 64)], "#e2d6c2")
    sheet.shape([(26, 64), (30, 62), (32, 66), (27, 67)], "#d7c8af")
    return sheet


def lift(*, mended: bool) -> Sheet:
    sheet = Sheet("#e3e0da", "#a9a69f", horizon=66)
    sheet.box(20, 8, 72, 66, STEEL_DARK, round_=1)
    sheet.box(24, 13, 68, 66, "#3b444c")
    gap = 0.4 if mended else 9
    sheet.box(24, 13, 46 - gap, 66, STEEL)
    sheet.box(46 + gap, 13, 68, 66, STEEL)
    sheet.box(26, 15, 29, 64, STEEL_LIGHT)
    sheet.box(49 + gap, 15, 52 + gap, 64, STEEL_LIGHT)
    sheet.box(38, 2.5, 54, 7, INK, round_=1)
    sheet.shape([(44, 6), (48, 6), (46, 3.4)], FINE_GREEN if mended else WARN)
    sheet.box(78, 30, 86, 48, STEEL_LIGHT, round_=1.5)
    sheet.disc(82, 35, 2, FINE_GREEN if mended else "#9aa5ad")
    sheet.disc(82, 42, 2, "#9aa5ad")
    if not mended:
        sheet.shape([(30, 68), (36, 52), (42, 68)], "#f0a929")
        sheet.box(35.4, 57.5, 36.6, 63, INK, round_=0.5)
        sheet.disc(36, 65.2, 0.8, INK)
    return sheet


def lock(*, mended: bool) -> Sheet:
    sheet = Sheet("#d9e2dc", "#9faea4", horizon=70)
    sheet.box(18, 0, 82, 72, WOOD_DARK)
    sheet.box(22, 0, 78, 72, WOOD)
    sheet.box(28, 6, 72, 26, "#c79a6d", round_=1)
    sheet.box(28, 46, 72, 68, "#c79a6d", round_=1)
    plate = STEEL if mended else "#9a8f80"
    sheet.box(62, 24, 72, 52, plate, round_=2.5)
    sheet.disc(67, 44, 2.2, INK)
    sheet.box(66.3, 44, 67.7, 49, INK, round_=0.4)
    if mended:
        sheet.box(48, 30, 69, 34, STEEL_DARK, round_=2)
        sheet.disc(67, 32, 3.4, STEEL_LIGHT)
        return sheet
    sheet.shape([(49, 40), (52, 37), (69, 31), (69, 35)], STEEL_DARK)
    sheet.disc(67, 32, 3.4, "#83796b")
    sheet.line([(67, 44), (58, 52), (55, 50)], BRASS, 1)
    sheet.line([(74, 22), (78, 16), (76, 10)], "#6f4c2b", 0.7)
    sheet.line([(62, 54), (57, 60)], "#6f4c2b", 0.6)
    return sheet


def socket(*, mended: bool) -> Sheet:
    sheet = Sheet("#e8e3f0", "#b6a6c4")
    sheet.box(34, 18, 66, 50, "#ffffff", round_=3)
    sheet.box(36.5, 20.5, 63.5, 47.5, "#f3f3f5", round_=2)
    for x in (44, 56):
        sheet.box(x - 1.1, 25, x + 1.1, 30.5, INK, round_=0.5)
    sheet.line([(45, 42), (47.5, 36.5)], INK, 1.8)
    sheet.line([(55, 42), (52.5, 36.5)], INK, 1.8)
    sheet.line([(50, 34), (50, 38)], INK, 1.8)
    sheet.disc(50, 45.4, 0.9, FINE_GREEN if mended else "#c5c5ca")
    if not mended:
        sheet.shape([(41, 20), (58, 21), (63, 28), (60, 38), (52, 30), (43, 33), (38, 27)], "#5a4f4a")
        sheet.spark(70, 22, 6)
        sheet.spark(29, 30, 4.5)
        sheet.line([(36, 50), (31, 56), (33, 62)], "#6d6470", 0.9)
    return sheet


def pipe(*, mended: bool) -> Sheet:
    sheet = Sheet("#dfe7ea", "#b5c3c9", horizon=60)
    sheet.tiles("#d0dbdf", until=60)
    sheet.box(20, 0, 30, 42, STEEL_DARK)
    sheet.box(21.5, 0, 23.5, 42, STEEL_LIGHT)
    sheet.box(20, 34, 80, 44, STEEL_DARK, round_=5)
    sheet.box(24, 35.6, 78, 37.6, STEEL_LIGHT, round_=1)
    sheet.box(70, 38, 80, 75, STEEL_DARK)
    sheet.box(16, 24, 34, 30, STEEL, round_=1.5)
    sheet.box(66, 50, 84, 56, STEEL, round_=1.5)
    if mended:
        sheet.box(45, 31, 59, 47, FINE_GREEN, round_=2)
        sheet.disc(48, 39, 1.1, STEEL_LIGHT)
        sheet.disc(56, 39, 1.1, STEEL_LIGHT)
        return sheet
    sheet.line([(48, 35), (51, 39), (49, 43)], INK, 0.9)
    sheet.shape([(50, 42), (44, 64), (60, 64), (53, 42)], WATER_LIGHT)
    for x, y in ((40, 30), (58, 28), (46, 52), (55, 56), (36, 48), (62, 50)):
        sheet.drop(x, y, 1.5)
    sheet.disc(52, 66, 26, WATER, squash=0.16)
    sheet.disc(52, 66, 18, WATER_LIGHT, squash=0.12)
    return sheet


def window(*, mended: bool) -> Sheet:
    sheet = Sheet("#f1e6da", "#c8ae93", horizon=64)
    sheet.box(22, 6, 78, 56, "#ffffff", round_=1)
    for left, right in ((26, 48.5), (51.5, 74)):
        sheet.box(left, 10, right, 52, "#b9dcef")
        sheet.shape([(left, 30), (left + 14, 10), (left + 20, 10), (left, 40)], "#d7ecf7")
    sheet.box(18, 56, 82, 60, "#e7dccd", round_=1)
    sheet.box(46.6, 28, 48.4, 35, STEEL_DARK, round_=0.6)
    if mended:
        sheet.box(60, 48, 68, 56, "#c8693f", round_=1)
        sheet.shape([(64, 49), (56, 40), (62, 42), (64, 34), (67, 42), (73, 39)], FINE_GREEN)
        return sheet
    sheet.shape([(58, 22), (66, 26), (70, 36), (62, 42), (56, 35)], "#6d8795")
    for end in ((53, 14), (72, 18), (73, 46), (56, 50), (52, 34)):
        sheet.line([(63, 32), end], "#ffffff", 0.5)
    sheet.shape([(58, 66), (64, 65), (62, 69)], "#b9dcef")
    sheet.shape([(68, 69), (72, 66), (74, 70)], "#b9dcef")
    return sheet


def stairs(*, mended: bool) -> Sheet:
    sheet = Sheet("#e6ebe4", "#aab4a8", horizon=70)
    for step in range(6):
        top = 60 - step * 9
        sheet.box(20 + step * 13, top, 100, 75, ("#c9cfc6", "#bcc3b9")[step % 2])
        sheet.box(20 + step * 13, top, 100, top + 1.6, "#dde2da")
    sheet.line([(18, 44), (92, -8)], WOOD_DARK, 2)
    for step in range(5):
        sheet.line([(24 + step * 13, 60 - step * 9), (24 + step * 13, 41 - step * 9)], INK, 0.7)
    if mended:
        sheet.box(4, 40, 12, 64, WARN, round_=3)
        sheet.box(6.5, 35, 9.5, 41, INK, round_=1)
        return sheet
    sheet.box(22, 46, 36, 60, "#c99f6b", round_=0.6)
    sheet.line([(29, 46), (29, 60)], "#a67f4f", 0.8)
    sheet.box(4, 50, 24, 70, "#b98a5e", round_=0.6)
    sheet.line([(4, 57), (24, 57)], WOOD_DARK, 0.8)
    sheet.disc(44, 66, 7, INK)
    sheet.disc(44, 66, 5.4, "#aab4a8")
    sheet.disc(62, 66, 7, INK)
    sheet.disc(62, 66, 5.4, "#aab4a8")
    sheet.line([(44, 66), (50, 56), (59, 57), (62, 66), (52, 66), (50, 56)], WARN, 1)
    return sheet


def bins(*, mended: bool) -> Sheet:
    sheet = Sheet("#dbeaf0", "#a7bf97", horizon=52)
    sheet.disc(16, 34, 12, "#7fae7f")
    sheet.box(15, 40, 17.5, 56, WOOD_DARK)
    for x, colour in ((30, "#3f7fb5"), (52, FINE_GREEN), (74, "#7a6a5a")):
        sheet.box(x, 32, x + 17, 64, colour, round_=1.5)
        sheet.box(x - 1.5, 28, x + 18.5, 33, INK, round_=1.2)
        sheet.disc(x + 8.5, 47, 4, "#ffffff")
    if mended:
        return sheet
    for x, y, size in ((34, 25, 6), (43, 27, 5), (60, 24, 7), (82, 26, 6)):
        sheet.disc(x, y, size, "#4d5560")
    for x, y, colour in ((26, 66, "#4d5560"), (48, 68, "#d8c4a0"), (66, 67, "#4d5560"), (90, 67, "#c9d2d8")):
        sheet.disc(x, y, 5.5, colour, squash=0.75)
    return sheet


def street_lamp(*, mended: bool) -> Sheet:
    sheet = Sheet("#2e3d57", "#25483b", horizon=60)
    for x, y in ((14, 10), (30, 20), (82, 8), (92, 24), (8, 34)):
        sheet.disc(x, y, 0.5, "#cdd8ea")
    sheet.box(4, 26, 30, 60, "#3a4a66")
    for x in (8, 16, 24):
        for y in (31, 40, 49):
            sheet.box(x - 1.6, y, x + 1.6, y + 4, GLOW if (x + y) % 2 else "#4d5f80")
    if mended:
        sheet.shape([(58, 17), (68, 17), (92, 66), (36, 66)], "#8f8a5c")
        sheet.disc(64, 66, 28, "#b8ae6c", squash=0.12)
    sheet.line([(76, 66), (76, 14), (64, 14)], INK, 1.6)
    sheet.box(57, 12, 69, 17, GLOW if mended else "#56616f", round_=1.5)
    return sheet


MOTIFS: dict[str, Callable[..., Sheet]] = {
    "tap": tap,
    "lamp": lamp,
    "wall": wall,
    "lift": lift,
    "lock": lock,
    "socket": socket,
    "pipe": pipe,
    "window": window,
    "stairs": stairs,
    "bins": bins,
    "street_lamp": street_lamp,
}
