"""Columns of a roster sheet and parsing of its cells: name, numbers, kind and year of birth."""

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.forms import to_e164
from accounts.models import Residency, RosterEntry
from accounts.models.residents import FIRST_BIRTH_YEAR
from community.estates.imports import difference
from community.estates.sheets.cells import must_be_words, narrow
from community.estates.sheets.columns import Column
from community.estates.sheets.places import Address
from community.notifications.sms import masked

NAME = Column(
    "name",
    "姓名",
    (
        *(
            "业主姓名",
            "户主姓名",
            "住户姓名",
            "业主名称",
            "业主",
            "户主",
            "住户",
            "产权人",
            "产权人姓名",
            "房主",
            "房主姓名",
        ),
        *("租户姓名", "承租人", "客户姓名", "客户名称", "名字", "人员姓名", "联系人", "name"),
    ),
)
PHONE = Column(
    "phone",
    "手机号",
    (
        *(
            "手机号码",
            "手机",
            "移动电话",
            "联系电话",
            "电话",
            "电话号码",
            "联系方式",
            "业主电话",
            "业主手机",
            "本人电话",
        ),
        *("联系人电话", "联系手机", "户主电话", "住户电话", "电话/手机", "手机/电话", "phone", "mobile"),
    ),
    may_lack=True,
    carries=True,
)
LANDLINE = Column(
    "landline",
    "固定电话",
    ("座机", "固话", "座机号", "家庭电话", "住宅电话", "宅电", "landline"),
    is_required=False,
)
KIND = Column(
    "kind",
    "身份",
    (
        *(
            "住户类型",
            "人员类型",
            "住户身份",
            "人员身份",
            "类型",
            "类别",
            "与业主关系",
            "与户主关系",
            "与产权人关系",
            "关系",
        ),
        *("人员类别", "住户性质", "kind"),
    ),
    is_required=False,
)
BORN = Column("born", "出生年份", ("出生年", "出生年度", "生年", "birthyear"), is_required=False)

# Words that people write for each kind; an empty cell means owner.
_OWNER = "业主 户主 房主 房东 产权人 共有产权人 共有人 所有人 所有权人 业主本人 本人 owner"
_TENANT = "租户 租客 承租人 承租户 承租方 租赁人 租住人 租住 租房 租赁 租赁户 合租 tenant"
_FAMILY = (
    "家属 家人 家庭成员 亲属 亲戚 配偶 妻子 丈夫 爱人 夫妻 妻 夫 父母 父亲 母亲 爸爸 妈妈 父 母 公公 婆婆 岳父 岳母 "
    "子女 儿子 女儿 子 女 孩子 儿媳 女婿 孙子 孙女 外孙 外孙女 兄弟 姐妹 哥哥 弟弟 姐姐 妹妹 祖父 祖母 爷爷 奶奶 family"
)
KINDS = {
    word: kind
    for words, kind in (
        (_OWNER, Residency.Kind.OWNER),
        (_TENANT, Residency.Kind.TENANT),
        (_FAMILY, Residency.Kind.FAMILY),
    )
    for word in words.split()
} | {"": Residency.Kind.OWNER}
# Words that mean that there is no phone.
NO_PHONE = {"无", "没有", "无电话", "无手机", "暂无", "未知", "不详", "-", "--", "—", "/", "\\", "0", "空"}
LANDLINE_NUMBER = re.compile(r"(?:\(?0\d{2,3}\)?[- ]?)?[2-8]\d{6,7}(?:(?:-|转)\d{1,6})?|[48]00-?\d{3}-?\d{4}")
SEVERAL = re.compile(r"[、,;/]|\s{1,}(?=1[3-9]\d{9}|0\d{2,3}-?\d{7})")


@dataclass(frozen=True)
class Person:
    """A person as a row describes them; ``phone`` in E.164 or empty."""

    name: str
    phone: str
    landline: str
    kind: str
    birth_year: int | None


def cells_of(address: Address, entry: RosterEntry | None, person: Person) -> list[list[list[str]]]:
    """Returns the cells of the preview, with masked numbers."""
    old = {name: getattr(entry, name) if entry else None for name in vars(person)}
    kinds = Residency.Kind
    return [
        *([["span", text]] for text in (address.building, address.entrance, address.room)),
        difference(old["name"], person.name),
        difference(hidden(old["phone"] or ""), hidden(person.phone)),
        difference(hidden(old["landline"] or ""), hidden(person.landline)),
        difference(kinds(old["kind"]).label if old["kind"] else None, kinds(person.kind).label),
        difference(old["birth_year"], person.birth_year),
    ]


def hidden(phone: str) -> str:
    """Returns the masked number in the national form."""
    return masked(phone).removeprefix("+86") if phone else ""


def numbers(value: Any) -> tuple[str, str]:
    """Parses a cell into (mobile in E.164, landline), both empty if there is none.

    Raises ``ValidationError`` for anything else and for two mobile numbers.
    """
    must_be_words(value)
    text = narrow(value)
    if text in NO_PHONE or not text:
        return "", ""
    mobiles, landlines = [], []
    whole = to_e164(text)
    for piece in [text] if whole else filter(None, (one.strip() for one in SEVERAL.split(text))):
        number = to_e164(piece)
        if number is None and not LANDLINE_NUMBER.fullmatch(piece):
            raise ValidationError(
                _("%(text)s is neither a mobile number of 11 digits nor a landline.") % {"text": text}
            )
        if number is None:
            landlines.append(piece)
        elif number not in mobiles:
            mobiles.append(number)
    if len(mobiles) > 1:
        raise ValidationError(_("%(text)s: one mobile number a row, please.") % {"text": text})
    return "".join(mobiles), " ".join(landlines)


def kind_of(value: Any) -> str:
    """Parses the kind of residency. Raises ``ValidationError`` for an unknown word."""
    must_be_words(value)
    text = narrow(value)
    kind = KINDS.get(text.lower())
    if kind is None:
        raise ValidationError(_("%(text)s is not one of 业主, 租户, 家属.") % {"text": text})
    return kind


def birth_year(value: Any, this_year: int) -> int | None:
    """Parses a year such as 1948 or 1948年; None for an empty cell.

    Days are refused, because they are not needed. Raises ``ValidationError``.
    """
    must_be_words(value)
    text = narrow(value)
    digits = text.removesuffix("年")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdecimal() and len(digits) == len(str(this_year))):
        raise ValidationError(_("%(text)s is not a year, such as 1948.") % {"text": text})
    if not FIRST_BIRTH_YEAR <= int(digits) <= this_year:
        raise ValidationError(_("%(text)s is not a year, such as 1948.") % {"text": text})
    return int(digits)
