"""What staff look for in many rows: a name, a whole phone number, a part of an address."""

import re
from collections.abc import Sequence
from functools import reduce
from operator import and_

from django.db.models import Q

from community.core.encryption import blind_index

MOBILE = re.compile(r"1[3-9]\d{9}")
# 「3号楼2单元402室」 is typed without blanks.
PARTS = re.compile(r"(号楼|栋|幢|单元)")


def about(
    words: str,
    *,
    person: str = "resident",
    home: str = "home",
    phones: Sequence[str] = ("resident",),
    also: Sequence[str] = (),
) -> Q:
    """The rows that every one of the words fits; without words, all of them.

    ``person`` and ``home`` are the way from a row to each, empty where it has none; ``phones`` leads
    to all whose number finds it, and ``also`` to what else may contain a word.
    """

    def fits(word: str) -> Q:
        digits = re.sub(r"\D", "", word)
        if MOBILE.fullmatch(digits):
            index = blind_index("+86" + digits)
            lookups = {f"{whose}__phone_index": index for whose in phones}
        else:
            lookups = {f"{name}__icontains": word for name in (*also, f"{person}__name")}
            if home:
                lookups |= {
                    f"{home}__number__iexact": word.removesuffix("室"),
                    f"{home}__entrance__name__iexact": word,
                    f"{home}__entrance__building__name__istartswith": word,
                }
        return Q(**lookups, _connector=Q.OR)

    return reduce(and_, map(fits, PARTS.sub(r"\1 ", words).split()), Q())
