"""Shared code of the services' parts of the home page."""

from django.db.models import BooleanField, ExpressionWrapper, Q

from accounts.models import Delegation, User

# Rows of a kind that the home page reads; a household with more finds the rest in the list of all matters.
READ_ON_HOME = 24


def acts_for_resident(user: User, service: str) -> ExpressionWrapper:
    """Returns an annotation: whether the user is the row's resident or a delegate of theirs.

    Others of the household see the row, and cannot answer for the resident.
    """
    acted_for = Delegation.objects.residents_of(user, service)
    mine = Q(resident=user) | Q(resident__in=acted_for.values("pk"))
    return ExpressionWrapper(mine, output_field=BooleanField())
