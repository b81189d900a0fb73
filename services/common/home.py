"""Shared code of the services' parts of the home page."""

from django.db.models import BooleanField, ExpressionWrapper, Q

from accounts.models import User, access_of

# Rows of a kind that the home page reads; a household with more finds the rest in the list of all matters.
READ_ON_HOME = 24


def acts_for_resident(user: User, service: str) -> ExpressionWrapper:
    """Returns an annotation: whether the user is the row's resident or a delegate of theirs.

    Others of the household see the row, and cannot answer for the resident.
    """
    mine = Q(resident__in=access_of(user).people(service))
    return ExpressionWrapper(mine, output_field=BooleanField())
