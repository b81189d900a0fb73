"""An id of somebody else's is answered as one that does not exist: in the address, and in the body."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.test import Client
from django.urls import reverse

from community.home.api_docs import Description
from tests.factories import (
    make_bill,
    make_care_service,
    make_category,
    make_home,
    make_resource,
    make_slot,
    make_token,
)
from tests.factories.renovation import Site
from tests.support.access import all_routes
from tests.support.access_rows import API_ROWS
from tests.support.world import World

# People who have nothing to do with the things of the world's first estate.
STRANGERS = ("newcomer", "foreigner", "foreign_manager", "foreign_cashier", "foreign_repair_worker")
NOWHERE = 987_654_321
POSTED = {name: row for name, row in API_ROWS.items() if row.method == "post" and "code" not in name}


def answer_to(headers: dict[str, str], address: str, body: dict[str, Any]) -> tuple[int, str]:
    """The status and the words of an answer; whatever it changed is undone."""
    with transaction.atomic():
        response = Client(raise_request_exception=False).post(
            address, body, content_type="application/json", headers=headers
        )
        transaction.set_rollback(True)
    return response.status_code, response.content.decode()


def nowhere(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The same address with keys that nothing has."""
    blank: dict[type, Any] = {int: NOWHERE, UUID: uuid4()}
    return {name: blank.get(type(value), value) for name, value in kwargs.items()}


def test_address__of_somebody_elses__is_as_of_none(world: World) -> None:
    wrong = []
    for standing in STRANGERS:
        headers = make_token(world.people[standing])
        for name, row in POSTED.items():
            kwargs = row.kwargs(world)
            if not kwargs or standing in row.who:
                continue
            body = row.data(world)
            theirs = answer_to(headers, reverse(name, kwargs=kwargs), body)
            none = answer_to(headers, reverse(name, kwargs=nowhere(kwargs)), body)
            if theirs != none:
                wrong.append(f"{name} as {standing}: {theirs} where none is {none}")
    assert not wrong, "\n".join(wrong)


# -- Keys in a body


@dataclass(frozen=True)
class Named:
    """A body of POST to ``name`` that ``who`` sends, with a key of somebody else's at ``field``."""

    name: str
    field: str
    who: str
    theirs: Callable[[World], Any]
    body: Callable[[World], dict[str, Any]] = lambda world: {}
    kwargs: Callable[[World], dict[str, Any]] = lambda world: {}

    def asked(self, world: World, key: Any) -> dict[str, Any]:
        many = self.field.endswith("s") and self.field not in {"goes"}
        return self.body(world) | {self.field: [key] if many else key}


def _report(world: World) -> dict[str, Any]:
    home = world.people["foreigner"].residencies.get().home
    return {"category": make_category(estate=home.estate).pk, "home": home.pk, "words": "漏水"}


def _care(world: World) -> dict[str, Any]:
    slot = world.more["care_slot"].pk
    return {"service": world.more["care_service"].pk, "slot": slot, "answer": "膝盖不好"}


def _other_slot(world: World) -> int:
    return make_slot(resource=make_resource(estate=world.other_estate)).pk


def _work(world: World) -> dict[str, Any]:
    return {
        "item": world.more["renovation_item"].pk,
        "home": world.home.pk,
        "slot": world.more["renovation_slot"].pk,
        "key": str(uuid4()),
    }


def _other_crews_slot(world: World) -> int:
    return make_slot(resource=Site().crew.resource).pk


def _other_item(world: World) -> int:
    return Site().item.pk


def _bill(world: World) -> dict[str, Any]:
    return {"bills": [make_bill(home=world.people["foreigner"].residencies.get().home).pk]}


def _draft(world: World) -> dict[str, Any]:
    return {"estate": world.other_estate.pk, "title": "停水", "body": "明天停水", "scope": "buildings"}


def _owner(world: World) -> int:
    return world.people["owner"].pk


NAMED = (
    Named("api_repairs", "resident", "foreigner", _owner, _report),
    Named("api_repairs", "resident", "foreign_front_desk", _owner, _report),
    Named("api_repairs", "home", "foreigner", lambda world: world.home.pk, _report),
    Named("api_repairs", "home", "foreign_front_desk", lambda world: world.home.pk, _report),
    Named("api_repairs", "category", "foreigner", lambda world: world.repair.category_id, _report),
    Named(
        "api_board_assign",
        "worker",
        "dispatcher",
        lambda world: world.people["foreign_repair_worker"].pk,
        kwargs=lambda world: {"pk": world.emergency.pk},
    ),
    Named(
        "api_board_assign", "worker", "dispatcher", _owner, kwargs=lambda world: {"pk": world.emergency.pk}
    ),
    Named("api_payments", "bills", "foreigner", lambda world: world.more["bill"].pk),
    Named("api_payments", "payer", "foreigner", _owner, _bill),
    Named(
        "api_payments",
        "payer",
        "foreigner",
        _owner,
        lambda world: {
            "bills": [world.more["bill"].pk],
            "amounts": {str(world.more["bill"].pk): 10**9},
        },
    ),
    Named("api_help_calls", "resident", "foreigner", _owner),
    Named("api_help_calls", "home", "foreigner", lambda world: world.home.pk),
    Named(
        "api_help_take",
        "goes",
        "front_desk",
        lambda world: world.people["foreign_front_desk"].pk,
        kwargs=lambda world: {"pk": world.more["help_call"].pk},
    ),
    Named(
        "api_feedback_list",
        "resident",
        "foreigner",
        _owner,
        lambda world: {"estate": world.other_estate.pk, "kind": "question", "words": "几点开门?"},
    ),
    Named("api_desk_notices", "estate", "foreign_manager", lambda world: world.estate.pk, _draft),
    Named(
        "api_desk_notices",
        "buildings",
        "foreign_manager",
        lambda world: world.home.entrance.building_id,
        _draft,
    ),
    Named("api_desk_notices", "entrances", "foreign_manager", lambda world: world.home.entrance_id, _draft),
    Named("api_desk_notices", "homes", "foreign_manager", lambda world: world.home.pk, _draft),
    Named("api_care_bookings", "service", "owner", lambda world: make_care_service().pk, _care),
    Named("api_care_bookings", "slot", "owner", _other_slot, _care),
    Named("api_care_bookings", "home", "owner", lambda world: make_home().pk, _care),
    Named("api_care_bookings", "resident", "owner", lambda world: world.people["foreigner"].pk, _care),
    Named(
        "api_care_move",
        "slot",
        "owner",
        _other_slot,
        kwargs=lambda world: {"pk": world.more["care_booking"].pk},
    ),
    Named("api_appointments", "home", "owner", lambda world: make_home(estate=world.estate).pk, _work),
    Named("api_appointments", "item", "owner", _other_item, _work),
    Named("api_appointments", "slot", "owner", _other_crews_slot, _work),
    Named("api_renovation_wait", "home", "owner", lambda world: make_home(estate=world.estate).pk, _work),
    Named("api_renovation_wait", "item", "owner", _other_item, _work),
    Named("api_renovation_wait", "slot", "owner", _other_crews_slot, _work),
    Named(
        "api_appointment_move",
        "slot",
        "owner",
        _other_crews_slot,
        kwargs=lambda world: {"pk": world.more["appointment"].pk},
    ),
)
# Whole numbers that are no keys, and the estates, which everybody may see.
PLAIN = {"face", "fen"}
NO_KEYS = {
    ("api_notice_publish", "homes"),
    ("api_feedback_list", "estate"),
    ("api_feedback_without_name", "estate"),
    # Asked together with the bills.
    ("api_payments", "amounts"),
    *(("api_pay_back", "amounts"), ("api_pay_back", "prepayment_fen")),
}


def test_key_in_a_body__of_somebody_elses__is_as_of_none(world: World) -> None:
    wrong = []
    for one in NAMED:
        with transaction.atomic():
            headers = make_token(world.people[one.who])
            address = reverse(one.name, kwargs=one.kwargs(world))
            key = one.theirs(world)
            asked = one.asked(world, key), one.asked(world, NOWHERE)
            # Where a message names the key, it names the one that was asked for.
            theirs, none = (answer_to(headers, address, body) for body in asked)
            named = none[0], none[1].replace(str(NOWHERE), str(key))
            if theirs != named or theirs[0] < 400:
                wrong.append(f"{one.name} {one.field} as {one.who}: {theirs} where none is {none}")
            transaction.set_rollback(True)
    assert not wrong, "\n".join(wrong)


def _keys(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    """The whole numbers in a body, alone, in a list or by name."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for name, field in schema.get("properties", {}).items():
        inner = field.get("items", field.get("additionalProperties", field))
        if isinstance(inner, dict) and inner.get("type") == "integer":
            yield name


def test_every_key_in_a_body__is_tried() -> None:
    described = Description().get_schema()
    names = {
        "/"
        + re.sub(r"<\w+:(\w+)>", lambda part: "{id}" if part[1] == "pk" else f"{{{part[1]}}}", route): name
        for route, name in all_routes()
    }
    found = {
        (names[path], field)
        for path, operations in described["paths"].items()
        for content in operations.get("post", {}).get("requestBody", {}).get("content", {}).values()
        for field in _keys(content["schema"], described["components"]["schemas"])
        if field not in PLAIN
    }
    assert found == {(one.name, one.field) for one in NAMED} | NO_KEYS
