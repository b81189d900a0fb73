"""Cut a font down to the characters that are used, and turn its outlines into TrueType's.

The wheel ``pylopdf-fonts-zh-cn`` has Noto Sans SC (SIL Open Font License) with 30,890 characters, among
them the rare ones of names and places (镕 喆 堃 㛃 䶮). Its outlines are PostScript's, which ReportLab
cannot embed, so the few that are needed are turned into TrueType's: about a second and a half a file.
"""

import io
from functools import lru_cache
from importlib.resources import files

import pylopdf_fonts_zh_cn
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

FILE = "NotoSansSC-Regular.otf"
# In thousandths of the letter's height: what no eye sees on paper.
TOLERANCE = 1.0
ALWAYS = " 0123456789"
UNUSED_TABLES = ["vhea", "vmtx", "VORG", "BASE", "GSUB", "GPOS", "DSIG"]
MAXP_COUNTS = (
    *("maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs", "maxStackElements"),
    *("maxSizeOfInstructions", "maxComponentElements", "maxPoints", "maxContours"),
    *("maxCompositePoints", "maxCompositeContours", "maxComponentDepth"),
)


def cut(text: str) -> bytes:
    """A TrueType file with the characters of ``text`` and the digits; what the font lacks becomes a box."""
    return _cut("".join(sorted({*text, *ALWAYS})))


@lru_cache(maxsize=32)
def _cut(characters: str) -> bytes:
    """Kept for the next print: two receipts of a home differ in their digits alone."""
    with (files(pylopdf_fonts_zh_cn) / FILE).open("rb") as source:
        font = TTFont(source, lazy=True)
        options = Options(layout_features=[], notdef_outline=True, hinting=False)
        options.drop_tables += UNUSED_TABLES
        subsetter = Subsetter(options)
        subsetter.populate(text=characters)
        subsetter.subset(font)
        _turn_into_truetype(font)
        packed = io.BytesIO()
        font.save(packed)
    return packed.getvalue()


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
