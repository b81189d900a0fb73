"""Chinese words for amounts, dates, times and numbers, as people say them."""

import re
from datetime import date, datetime, time

DIGITS = "零一二三四五六七八九"
_SMALL = ["", "十", "百", "千"]
_GROUPS = ["", "万", "亿", "万亿"]
_CAPITALS = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
# Reading of 1 among single digits, distinct from 7.
ONE_ALONE = "幺"

_AMOUNT = re.compile(r"(-?)¥\s?(\d{1,3}(?:,\d{3})+|\d{1,15})(?:\.(\d{1,2}))?(?![\d.])")
_DATE = re.compile(r"(?<!\d)(\d{4})(?:-(\d{1,2})-(\d{1,2})(?!\d)|年(\d{1,2})月(\d{1,2})日)")
_TIME = re.compile(r"(?<![\d:])([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?![\d:])")
_TWO_O_CLOCK = re.compile(r"(?<!\d)2点")
_PHONE = re.compile(
    r"(?<![\d.])(?:\+86)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}-?\d{7,8}|[48]00-?\d{3}-?\d{4}|1[12][0-9])(?![\d.])"
)
_HOME = re.compile(r"(?<=单元)(\s*)(\d{3,4})(?!\d)")


def in_words(text: str) -> str:
    """Replaces everything in a sentence that speech would misread."""
    text = _AMOUNT.sub(_said_amount, text)
    text = _DATE.sub(_said_date, text)
    text = _TIME.sub(lambda found: clock_time(time(int(found[1]), int(found[2]))), text)
    text = _TWO_O_CLOCK.sub("两点", text)
    text = _HOME.sub(lambda found: found[1] + one_by_one(found[2]), text)
    return _PHONE.sub(lambda found: one_by_one(found[1]), text)


def number(value: int) -> str:
    """Returns a number in words: 1236 → 一千二百三十六; 10 → 十; 10005 → 一万零五."""
    if value < 0:
        return "负" + number(-value)
    if value == 0:
        return DIGITS[0]
    said, place, previous = "", 0, 0
    while value:
        value, group = divmod(value, 10_000)
        if group:
            # Zeros inside a number are read once.
            gap = DIGITS[0] if said and _lacks_thousands(previous) else ""
            said = _under_ten_thousand(group) + _GROUPS[place] + gap + said
        elif said and not said.startswith(DIGITS[0]):
            said = DIGITS[0] + said
        previous, place = group, place + 1
    return said.removeprefix("一") if said.startswith("一十") else said


def _lacks_thousands(group: int) -> bool:
    return 0 < group < 1000


def _under_ten_thousand(value: int) -> str:
    said, is_gap = "", False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            said += (DIGITS[0] if is_gap and said else "") + DIGITS[digit] + _SMALL[power]
            is_gap = False
        else:
            is_gap = True
    return said


def amount(fen: int) -> str:
    """Returns an amount in words: 123650 fen → 一千二百三十六元五角; 105 → 一元零五分."""
    if fen < 0:
        return "负" + amount(-fen)
    yuan, rest = divmod(fen, 100)
    jiao, single = divmod(rest, 10)
    said = number(yuan) + "元" if yuan or not rest else ""
    if jiao:
        said += DIGITS[jiao] + "角"
    elif single and yuan:
        said += DIGITS[0]
    return said + (DIGITS[single] + "分" if single else "")


def capitals(fen: int) -> str:
    """Returns an amount in financial capitals for receipts: 23148 fen → 贰佰叁拾壹元肆角捌分.

    Follows the People's Bank rules for cheques and receipts (支付结算办法, annex 1): 壹拾 and never a bare
    拾, 整 where no fen follow, 零 where jiao are missing before fen.
    """
    if fen < 0:
        return "负" + capitals(-fen)
    yuan, rest = divmod(fen, 100)
    jiao, single = divmod(rest, 10)
    said = ""
    if yuan or not rest:
        said = ("一" if number(yuan).startswith("十") else "") + number(yuan) + "元"
    if jiao:
        said += DIGITS[jiao] + "角"
    elif single and yuan:
        said += DIGITS[0]
    said += DIGITS[single] + "分" if single else "整"
    return said.translate(_CAPITALS)


def calendar_day(day: date | datetime) -> str:
    """Returns a date in words: 2026-11-23 → 二〇二六年十一月二十三日."""
    year = "".join("〇" if digit == "0" else DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{number(day.month)}月{number(day.day)}日"


def clock_time(moment: time | datetime) -> str:
    """Returns a time in words: 15:30 → 下午三点半; 14:05 → 下午两点零五分."""
    hour, minute = moment.hour, moment.minute
    said = _part_of_day(hour) + _hour(hour if hour <= 12 else hour - 12) + "点"
    if minute == 30:
        return said + "半"
    if minute == 0:
        return said
    return said + (DIGITS[0] if minute < 10 else "") + number(minute) + "分"


def _part_of_day(hour: int) -> str:
    for before, name in ((6, "凌晨"), (12, "上午"), (13, "中午"), (19, "下午")):
        if hour < before:
            return name
    return "晚上"


def _hour(hour: int) -> str:
    return "两" if hour == 2 else number(hour)


def one_by_one(digits: str) -> str:
    """Returns single digits in words, for telephone and door numbers: 120 → 幺二零."""
    said = "".join(DIGITS[int(digit)] for digit in digits if digit.isdigit())
    return said.replace("一", ONE_ALONE)


def _said_amount(found: re.Match[str]) -> str:
    fen = int(found[2].replace(",", "")) * 100 + int((found[3] or "").ljust(2, "0"))
    return amount(-fen if found[1] else fen)


def _said_date(found: re.Match[str]) -> str:
    month, day = found[2] or found[4], found[3] or found[5]
    try:
        return calendar_day(date(int(found[1]), int(month), int(day)))
    except ValueError:
        return found[0]
