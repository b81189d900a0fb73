"""Words that everybody in an estate would try first: no password is made of them alone."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# The product, the trade, the roles, and what people call a password, in pinyin, Chinese and English.
WORDS = (
    *("linli", "邻里", "shequ", "社区", "xiaoqu", "小区", "wuye", "物业", "yezhu", "业主", "baoxiu", "报修"),
    *("community", "estate", "property", "repair", "resident", "staff", "manager", "cashier", "worker"),
    *("guanli", "管理", "qiantai", "前台", "admin", "root", "password", "passwd", "mima", "密码", "test"),
)
# Characters that must be left without these words, digits and punctuation.
LEFT = 5
_WORD = re.compile("|".join(sorted(WORDS, key=len, reverse=True)))
_AROUND = re.compile(r"[\W\d_]+")


class ProductWordsValidator:
    """Refuses a password that is little more than such words, with any digits and signs around them."""

    def validate(self, password: str, user: Any = None) -> None:
        rest, found = _WORD.subn("", password.casefold())
        if found and len(_AROUND.sub("", rest)) < LEFT:
            raise ValidationError(
                _("Words such as the product's or a role's are guessed first. Add something of your own."),
                code="password_of_product_words",
            )

    def get_help_text(self) -> str:
        return _("Not only words of the product and of the trade.")
