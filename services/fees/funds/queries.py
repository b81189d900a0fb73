"""Counts of what waits in the owners' funds."""

from collections.abc import Collection

from django.db.models import Q

from accounts.models import User
from community.estates.models import Estate
from services.fees import policies
from services.fees.models import FundLine, FundQuestion


def count_questions(estates: Collection[int]) -> int:
    """Counts residents' questions without an answer. One query, none without estates."""
    return FundQuestion.objects.waiting().filter(line__fund__estate__in=estates).count() if estates else 0


def count_waiting(user: User, estate: Estate) -> int:
    """Counts the lines to which this person may be the second to agree, and the questions that they may answer."""
    lines = FundLine.objects.waiting().filter(~Q(asked_by=user), fund__estate=estate)
    waiting = lines.count() if policies.may("keep_funds", user, estate.pk) else 0
    return waiting + (count_questions([estate.pk]) if policies.may("answer_fund", user, estate.pk) else 0)
