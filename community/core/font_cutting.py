"""Subsets a font to the used characters and converts its outlines to TrueType.

The wheel ``pylopdf-fonts-zh-cn`` has Noto Sans SC (SIL Open Font License) with 30,890 characters, among them
many rare ones of names and places (镕 喆 堃 㛃 䶮 𫖯). Missing ones (𠮷 𠀋) come from Noto Sans CJK of the wheel
``noto-cjk-sans-jp-regular`` (same license, 44,810 characters); others are left out of the drawing, while the
PDF's text keeps the character.

The outlines are PostScript, which ReportLab cannot embed, so the used ones are converted to TrueType: about
1.5 s for each file.
"""

import io
from functools import lru_cache
from importlib.resources import files
from typing import Any

import noto_cjk_sans_jp_regular
import pylopdf_fonts_zh_cn
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

FILE = "NotoSansSC-Regular.otf"
# Thousandths of the letter's height, invisible on paper.
TOLERANCE = 1.0
ALWAYS = " 0123456789"
OTHER_FILE = "NotoSansCJKjp-Regular.otf"
UNUSED_TABLES = ["vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS", "DSIG"]
MAXP_COUNTS = (
    *("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements"),
    *("maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours"),
    *("maxCompositePoints", "maxCompositeContours", "maxComponentDepth"),
)


def cut(text: str) -> bytes:
    """Returns a TrueType file with a drawing for each character of ``text`` and for the digits."""
    return _cut("".join(sorted({*text, *ALWAYS})))


@lru_cache(maxsize=32)
def _cut(characters: str) -> bytes:
    """Cached for the next print: receipts of a home differ in their digits only."""
    with (files(pylopdf_fonts_zh_cn) / FILE).open("rb") as source:
        font = _subset(source, characters)
        _turn_into_truetype(font)
        lacking = {one for one in characters if ord(one) not in font.getBestCmap()}
        drawn = _borrowed(lacking) if lacking else {}
        # Left out, without room: a box says nothing to who reads the paper.
        drawn |= {one: (TTGlyphPen(None).glyph(), 0) for one in lacking - set(drawn)}
        _add(font, drawn)
        packed = io.BytesIO()
        font.save(packed)
    return packed.getvalue()


def _subset(source: Any, characters: str) -> TTFont:
    font = TTFont(source, lazy=True)
    options = Options(layout_features=[], notdef_outline=True, hinting=False)
    options.drop_tables += UNUSED_TABLES
    subsetter = Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(font)
    return font


def _borrowed(characters: set[str]) -> dict[str, tuple[Any, int]]:
    """Returns outlines and widths of these characters from the second font."""
    with (files(noto_cjk_sans_jp_regular) / OTHER_FILE).open("rb") as source:
        font = _subset(source, "".join(characters))
        names, outlines = font.getBestCmap() or {}, font.getGlyphSet()
        found = {}
        for one in characters:
            if ord(one) in names:
                pen = TTGlyphPen(None)
                outlines[names[ord(one)]].draw(Cu2QuPen(pen, TOLERANCE, reverse_direction=True))
                found[one] = (pen.glyph(), outlines[names[ord(one)]].width)
    return found


def _add(font: TTFont, drawn: dict[str, tuple[Any, int]]) -> None:
    if not drawn:
        return
    names = dict(font.getBestCmap())
    for character, (glyph, width) in drawn.items():
        name = f"u{ord(character):06X}"
        font["glyf"][name] = glyph
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (width, getattr(glyph, "xMin", 0))
        names[ord(character)] = name
    font.setGlyphOrder(font["glyf"].glyphOrder)
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language, table.cmap = 3, 10, 0, names
    font["cmap"].tables = [table]


def _turn_into_truetype(font: TTFont) -> None:
    order, outlines = font.getGlyphOrder(), font.getGlyphSet()
    glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, {}
    for glyph in order:
        pen = TTGlyphPen(None)
        outlines[glyph].draw(Cu2QuPen(pen, TOLERANCE, reverse_direction=True))
        glyf.glyphs[glyph] = pen.glyph()
    font["loca"], font["glyf"] = newTable("loca"), glyf
    del font["CFF "]
    font.sfntVersion = "\x00\x01\x00\x00"
    font["post"].formatType = 3.0
    maxp = font["maxp"]
    maxp.tableVersion, maxp.maxZones = 0x00010000, 1
    for count in MAXP_COUNTS:
        setattr(maxp, count, 0)
