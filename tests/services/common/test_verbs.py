"""The tables of verbs of all services, and the steps that they allow."""

from types import ModuleType

import pytest

from community.core.errors import Forbidden
from community.core.transitions import AlreadyMoved
from services.care import actions as care_actions
from services.care import policies as care
from services.care.models import CareBooking
from services.common.verbs import Verb, VerbTable
from services.feedback import actions as feedback_actions
from services.feedback import policies as feedback
from services.feedback.models import Feedback
from services.renovation import actions as renovation_actions
from services.renovation import policies as renovation
from services.renovation.models import Appointment
from services.repairs import actions as repairs_actions
from services.repairs import policies as repairs
from services.repairs.models import Repair

TABLES = [
    (repairs, repairs_actions, Repair),
    (care, care_actions, CareBooking),
    (renovation, renovation_actions, Appointment),
    (feedback, feedback_actions, Feedback),
]
# Verbs that a page offers and another action takes: a booking like the last one, a repair made of a complaint.
NO_ACTION = {"book_again", "turn_into_repair"}
DOOR = VerbTable({"open": Verb.of({"owner", "guest"}, "shut"), "sell": Verb.of("owner", "shut", "open")})


def test_allowed__by_capacity_and_status__is_what_both_permit():
    assert DOOR.allowed({"owner"}, "shut") == {"open", "sell"}
    assert DOOR.allowed({"guest"}, "shut") == {"open"}
    assert DOOR.allowed({"owner"}, "open") == {"sell"}
    assert DOOR.allowed(set(), "shut") == set()


def test_require__without_the_capacity__is_forbidden_whatever_the_status():
    DOOR.require("open", {"guest"})
    with pytest.raises(Forbidden):
        DOOR.require("sell", {"guest"})


def test_require_status__out_of_another_status__is_already_moved():
    DOOR.require_status("sell", "open")
    with pytest.raises(AlreadyMoved):
        DOOR.require_status("open", "open")


@pytest.mark.parametrize(("policies", "actions", "model"), TABLES)
def test_verbs__of_every_table__are_actions_of_known_capacities_and_statuses(
    policies: ModuleType, actions: ModuleType, model: type[Repair]
) -> None:
    capacities = {
        value
        for name, value in vars(policies).items()
        if name.isupper() and isinstance(value, str) and name not in {"HELPER"}
    }
    for name, verb in policies.VERBS.items():
        assert name in NO_ACTION or callable(getattr(actions, name)), name
        assert verb.capacities, name
        assert verb.capacities <= capacities, name
        assert verb.states, name
        assert verb.states <= set(model.Status.values), name
