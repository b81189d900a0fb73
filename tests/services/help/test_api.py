"""The help API: the same rules as the pages, as problems that a program can read."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from community.estates.models import Home
from services.common.models import Alarm
from services.help.models import HelpCall
from tests.factories import make_delegation, make_help_call, make_home, make_resident, make_staff, make_user
from tests.services.repairs.api import Api, problem

pytestmark = pytest.mark.django_db


def test_call__nothing_given__alarms_the_desk(elder: User, home: Home) -> None:
    answer = Api(elder).post("help-calls/")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["home"], body["resident"]["name"]) == ("calling", home.pk, "王秀英")
    assert body["verbs"] == ["cancel_call"]
    assert body["desk_phone"] == home.estate.desk_phone
    assert Alarm.objects.sounding().count() == 1


def test_call__again_while_open__the_same_with_200(elder: User) -> None:
    api = Api(elder)
    first, second = api.post("help-calls/"), api.post("help-calls/", key=str(uuid4()))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


def test_call__for_ones_mother(elder: User, home: Home) -> None:
    son = make_user()
    make_delegation(resident=elder, delegate=son, service="settings")
    body = Api(son).post("help-calls/", resident=elder.pk, home=home.pk).json()
    assert (body["resident"]["id"], body["reported_by"]["id"]) == (elder.pk, son.pk)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"resident": 999999}, "resident"),
        ({"resident": "x"}, "resident"),
        ({"home": 999999}, "home"),
        ({"home": -1}, "home"),
        ({"key": "x"}, "key"),
        ({"words": "痛" * 2001}, "words"),
    ],
)
def test_call__bad_input__named_and_nothing_written(
    given: dict[str, object], field: str, elder: User
) -> None:
    body = problem(Api(elder).post("help-calls/", **given), 400, "invalid")
    assert list(body["errors"]) == [field]
    assert not HelpCall.objects.exists()


def test_call__rules__refused_as_problems(elder: User, home: Home) -> None:
    neighbours = make_home(estate=home.estate)
    body = problem(Api(elder).post("help-calls/", home=neighbours.pk), 400, "invalid")
    assert list(body["errors"]) == ["home"]
    problem(Api(make_user()).post("help-calls/"), 409, "no_home")
    assert not Alarm.objects.exists()


def test_call__for_whom_one_may_not__the_same_answer_as_for_who_is_not_there(
    elder: User, home: Home, desk: User
) -> None:
    homeless, gone = make_user(), make_resident(home=home, is_active=False)
    stranger = Api(make_resident())
    missing = problem(stranger.post("help-calls/", resident=999999), 400, "invalid")
    for pk in (elder.pk, homeless.pk, gone.pk, desk.pk):
        assert problem(stranger.post("help-calls/", resident=pk), 400, "invalid") == missing
        assert problem(stranger.post("help-calls/", resident=pk, home=home.pk), 400, "invalid") == missing
    # The desk knows its own residents only.
    assert problem(Api(desk).post("help-calls/", resident=homeless.pk), 400, "invalid") == missing
    assert not Alarm.objects.exists()
    assert Api(desk).post("help-calls/", resident=elder.pk).status_code == 201


def test_take__by_the_family__does_not_tell_which_numbers_exist(elder: User, home: Home, desk: User) -> None:
    call = make_help_call(resident=elder, home=home)
    for pk in (desk.pk, 999999):
        problem(Api(elder).post(f"help-calls/{call.pk}/take/", goes=pk), 403, "forbidden")


def test_call__token_without_the_scope__is_refused(elder: User) -> None:
    assert Api(elder, "repairs:read").post("help-calls/").status_code == 403
    assert Api(None).post("help-calls/").status_code == 401


def test_one__of_a_stranger__is_not_there(elder: User, home: Home) -> None:
    call = make_help_call(resident=elder, home=home)
    api = Api(make_resident())
    assert api.get(f"help-calls/{call.pk}/").status_code == 404
    assert api.post(f"help-calls/{call.pk}/cancel/").status_code == 404
    assert api.get("help-calls/").json()["results"] == []


def test_one__with_a_long_history__asks_no_more_queries(
    elder: User, home: Home, django_assert_max_num_queries: Any
) -> None:
    call, api, counts = make_help_call(resident=elder, home=home), Api(elder), []
    for steps in (2, 8):
        while call.history.count() < steps:
            call.history.create(to_status="calling", actor=make_user(), at=call.created_at)
        with django_assert_max_num_queries(6) as asked:
            body = api.get(f"help-calls/{call.pk}/").json()
        assert len(body["history"]) == steps
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_life__taken_sent_ended__by_staff(elder: User, home: Home, desk: User, carer: User) -> None:
    call = make_help_call(resident=elder, home=home)
    api = Api(desk)
    assert api.post(f"help-calls/{call.pk}/take/").json()["responder"]["name"] == "周婷"
    assert api.post(f"help-calls/{call.pk}/take/", goes=carer.pk).json()["responder"]["name"] == "冯桂兰"
    body = Api(carer).post(f"help-calls/{call.pk}/end/", outcome="hospital", words="送医").json()
    assert (body["status"], body["outcome"], body["verbs"]) == ("ended", "hospital", [])
    assert [step["status"] for step in body["history"]] == ["calling", "coming", "coming", "ended"]


def test_verbs__bad_input__named(elder: User, home: Home, desk: User) -> None:
    call = make_help_call(resident=elder, home=home)
    api = Api(desk)
    url = f"help-calls/{call.pk}"
    assert list(problem(api.post(f"{url}/take/", goes=999999), 400, "invalid")["errors"]) == ["goes"]
    assert list(problem(api.post(f"{url}/take/", goes=elder.pk), 400, "invalid")["errors"]) == ["goes"]
    problem(api.post(f"{url}/end/", outcome="helped"), 409, "already_moved")
    api.post(f"{url}/take/")
    assert list(problem(api.post(f"{url}/end/", outcome="flew"), 400, "invalid")["errors"]) == ["outcome"]
    assert list(problem(api.post(f"{url}/end/", outcome="other"), 409, "words_missing")["errors"]) == [
        "words"
    ]
    assert list(problem(api.post(f"{url}/end/", outcome="drill"), 409, "wrong_outcome")["errors"]) == [
        "outcome"
    ]
    problem(api.post(f"{url}/take/", goes=make_staff().pk), 400, "invalid")
    assert HelpCall.objects.get().status == "coming"


def test_cancel__by_the_elder__and_staff_still_end_it(elder: User, home: Home, desk: User) -> None:
    call = make_help_call(resident=elder, home=home)
    assert Api(elder).post(f"help-calls/{call.pk}/cancel/").json()["status"] == "cancelled"
    problem(Api(elder).post(f"help-calls/{call.pk}/end/", outcome="mistake"), 403, "forbidden")
    assert Api(desk).post(f"help-calls/{call.pk}/end/", outcome="mistake").json()["status"] == "ended"
