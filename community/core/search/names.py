"""Search keys of people: parts of the name, its pinyin, the number and its last digits."""

import re
from functools import lru_cache
from itertools import islice, product

from pypinyin import Style, pinyin

from community.core.search.text import compact, plain

NAME, NUMBER, LAST = "name:", "number:", "last:"
# Names up to this length are found by any part, longer ones by beginnings and endings.
SHORT = 6
LONGEST = 40
LAST_DIGITS = 4
MAX_READINGS = 8
HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]+")

# Readings as a surname; several where people of that surname differ.
SURNAMES = {
    "单": ("shan",),
    "解": ("xie",),
    "仇": ("qiu",),
    "区": ("ou",),
    "曾": ("zeng",),
    "查": ("zha",),
    "盖": ("ge", "gai"),
    "朴": ("piao",),
    "员": ("yun",),
    "贠": ("yun",),
    "覃": ("qin", "tan"),
    "缪": ("miao",),
    "乐": ("yue", "le"),
    "翟": ("zhai", "di"),
    "尉": ("wei", "yu"),
    "卜": ("bu",),
    "郇": ("xun", "huan"),
    "莘": ("shen", "xin"),
    "郄": ("qie", "xi"),
    "隗": ("wei", "kui"),
    "洗": ("xian",),
    "繁": ("po", "fan"),
    "种": ("chong", "zhong"),
    "折": ("she", "zhe"),
    "秘": ("bi", "mi"),
    "能": ("nai", "neng"),
    "黑": ("he", "hei"),
    "粘": ("nian", "zhan"),
    "祭": ("zhai", "ji"),
    "都": ("du",),
    "句": ("gou",),
    "召": ("shao", "zhao"),
    "重": ("chong", "zhong"),
    "车": ("che", "ju"),
    "石": ("shi",),
    "宁": ("ning",),
    "冼": ("xian",),
    "逄": ("pang",),
    "谌": ("chen", "shen"),
    "晁": ("chao",),
    "訾": ("zi",),
    "宓": ("mi", "fu"),
    "殷": ("yin",),
    "牟": ("mu", "mou"),
    "柏": ("bai", "bo"),
    "任": ("ren",),
    "华": ("hua",),
    "纪": ("ji",),
    "燕": ("yan",),
    "应": ("ying",),
    "哈": ("ha",),
    "那": ("na",),
    "尹": ("yin",),
    "藏": ("zang",),
    "么": ("yao",),
    "俞": ("yu", "shu"),
    "沈": ("shen",),
    "葛": ("ge",),
    "过": ("guo",),
    "行": ("xing", "hang"),
    "相": ("xiang",),
    "令": ("ling",),
    "长": ("zhang", "chang"),
}
COMPOUND_SURNAMES = {
    "尉迟": ("yu", "chi"),
    "万俟": ("mo", "qi"),
    "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"),
    "长孙": ("zhang", "sun"),
    "令狐": ("ling", "hu"),
    "皇甫": ("huang", "fu"),
    "夏侯": ("xia", "hou"),
    "宇文": ("yu", "wen"),
    "呼延": ("hu", "yan"),
    "欧阳": ("ou", "yang"),
    "司马": ("si", "ma"),
    "上官": ("shang", "guan"),
    "诸葛": ("zhu", "ge"),
    "东方": ("dong", "fang"),
    "慕容": ("mu", "rong"),
    "司徒": ("si", "tu"),
    "公孙": ("gong", "sun"),
    "轩辕": ("xuan", "yuan"),
    "端木": ("duan", "mu"),
    "独孤": ("du", "gu"),
    "南宫": ("nan", "gong"),
    "赫连": ("he", "lian"),
    "闻人": ("wen", "ren"),
    "钟离": ("zhong", "li"),
    "申屠": ("shen", "tu"),
    "太史": ("tai", "shi"),
    "司空": ("si", "kong"),
    "濮阳": ("pu", "yang"),
    "淳于": ("chun", "yu"),
    "百里": ("bai", "li"),
    "东郭": ("dong", "guo"),
    "西门": ("xi", "men"),
    "宰父": ("zai", "fu"),
}
# Characters with several readings in given names.
GIVEN = {
    "乐": ("le", "yue"),
    "茜": ("qian", "xi"),
    "朝": ("chao", "zhao"),
    "长": ("chang", "zhang"),
    "行": ("xing", "hang"),
    "重": ("chong", "zhong"),
    "晟": ("sheng", "cheng"),
    "柏": ("bai", "bo"),
    "曾": ("zeng", "ceng"),
    "单": ("dan", "shan"),
    "解": ("jie", "xie"),
    "率": ("shuai", "lv"),
    "盛": ("sheng", "cheng"),
    "奇": ("qi",),
    "都": ("du", "dou"),
    "薇": ("wei",),
    "藏": ("cang", "zang"),
    "澄": ("cheng", "deng"),
    "隽": ("jun", "juan"),
    "莘": ("xin", "shen"),
    "筠": ("yun", "jun"),
    "祎": ("yi",),
    "琛": ("chen",),
    "睿": ("rui",),
}


def name_keys(name: str) -> set[str]:
    """Returns parts of a name as they may be typed, and its pinyin if it is Chinese."""
    text = compact(name)[:LONGEST]
    parts = _parts(text) if len(text) <= SHORT else _ends(text)
    if HAN.fullmatch(text):
        parts |= _pinyin(text)
    elif len(text) > SHORT:
        # Beginnings of the given name and of the family name.
        for word in plain(name)[:LONGEST].replace("·", " ").split():
            parts |= {word[:end] for end in range(1, len(word) + 1)}
    return {NAME + part for part in parts if len(part) > 1 or not part.isascii()}


def _parts(text: str) -> set[str]:
    ends = range(1, len(text) + 1)
    return {text[start:end] for end in ends for start in range(end)}


def _ends(text: str) -> set[str]:
    return {text[:end] for end in range(1, len(text) + 1)} | {text[start:] for start in range(len(text))}


def _pinyin(name: str) -> set[str]:
    """Returns initials and parts of them, and the name and its two halves spelled out."""
    if len(name) > SHORT:
        return set()
    split = 2 if name[:2] in COMPOUND_SURNAMES else 1
    found = set()
    for read in islice(product(*_readings(name)), MAX_READINGS):
        initials = "".join(syllable[0] for syllable in read)
        found |= {part for part in _parts(initials) if len(part) > 1}
        found |= {"".join(read), "".join(read[:split]), "".join(read[split:])} - {""}
    return found


def _readings(name: str) -> list[tuple[str, ...]]:
    surname = COMPOUND_SURNAMES.get(name[:2])
    if surname is not None:
        first: list[tuple[str, ...]] = [(syllable,) for syllable in surname]
    else:
        first = [SURNAMES.get(name[0]) or (_read(name[0]),)]
    return first + [GIVEN.get(one) or (_read(one),) for one in name[len(first) :]]


@lru_cache(maxsize=8192)
def _read(character: str) -> str:
    [[syllable]] = pinyin(character, style=Style.NORMAL)
    return str(syllable)


def number_keys(number: str) -> set[str]:
    """Returns a telephone number and its last four digits; a landline without its area code too."""
    digits = national_digits(number)
    if not digits:
        return set()
    whole = {digits, digits[-7:], digits[-8:]} if digits.startswith("0") else {digits}
    return {NUMBER + one for one in whole} | {LAST + digits[-LAST_DIGITS:]}


def national_digits(number: str) -> str:
    """Converts +8613812345678, 0086 138 1234 5678 and 138-1234-5678 to 13812345678."""
    digits = re.sub(r"\D", "", number)
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 11:
            return digits.removeprefix(prefix)
    return digits


def person_keys(name: str, *numbers: str) -> set[str]:
    return name_keys(name).union(*(number_keys(number) for number in numbers))
