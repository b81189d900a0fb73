"""The open API: scopes, visibility, every verb, problems, paging, and a schema without a warning."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from PIL import Image

from accounts.models import ApiToken, Delegation, StaffRole, User
from accounts.models.tokens import token_digest
from community.core import clock
from community.estates.models import Estate, Home
from services.common.models import Alarm
from services.repairs.models import Repair, RepairMessage
from tests import factories as make

Scope = ApiToken.Scope
Role = StaffRole.Role
ALL = list(Scope)


class Api:
    """Calls the API as somebody, with JSON in and out."""

    def __init__(self, user: User | None, *scopes: str) -> None:
        self.client = Client()
        self.headers: dict[str, str] = {}
        if user is not None:
            secret = ApiToken.new_secret()
            now = clock.now()
            ApiToken.objects.create(
                user=user,
                name="test",
                digest=token_digest(secret),
                scopes=list(scopes or ALL),
                created_at=now,
                expires_at=now + timedelta(days=1),
            )
            self.headers = {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(
            f"/api/v1/{path}", body, content_type="application/json", headers=self.headers
        )

    def upload(self, path: str, **body: Any) -> Any:
        return self.client.post(f"/api/v1/{path}", body, headers=self.headers)


def photo(name: str = "tap.jpg") -> SimpleUploadedFile:
    packed = BytesIO()
    Image.new("RGB", (400, 300), "#88aacc").save(packed, "JPEG")
    return SimpleUploadedFile(name, packed.getvalue(), content_type="image/jpeg")


@pytest.fixture
def estate(db: None) -> Estate:
    return make.make_estate()


@pytest.fixture
def home(estate: Estate) -> Home:
    return make.make_home(estate=estate)


@pytest.fixture
def resident(home: Home) -> User:
    return make.make_resident(home=home)


@pytest.fixture
def worker(estate: Estate) -> User:
    return make.make_staff(role=Role.REPAIR_WORKER, estate=estate)


@pytest.fixture
def dispatcher(estate: Estate) -> User:
    return make.make_staff(role=Role.DISPATCHER, estate=estate)


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    body = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, "about:blank")
    assert body["title"]
    return body


# -- Tokens and scopes


def test_api__without_a_token_or_with_a_wrong_one__is_401(resident: User) -> None:
    problem(Api(None).get("me/"), 401, "not_authenticated")
    stranger = Api(None)
    stranger.headers = {"Authorization": "Bearer linli_wrong"}
    answer = stranger.get("me/")
    problem(answer, 401, "authentication_failed")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_api__revoked_or_expired_token_or_person_gone__is_401(resident: User) -> None:
    for spoil in (
        lambda: ApiToken.objects.update(revoked_at=clock.now()),
        lambda: ApiToken.objects.update(expires_at=clock.now() - timedelta(seconds=1)),
        lambda: User.objects.update(is_active=False),
    ):
        api = Api(resident)
        spoil()
        problem(api.get("me/"), 401, "authentication_failed")


def test_api__guessing_tokens__is_stopped(resident: User) -> None:
    stranger = Api(None)
    stranger.headers = {"Authorization": "Bearer linli_wrong"}
    codes = [stranger.get("me/").status_code for _n in range(35)]
    assert codes[0] == 401
    assert codes[-1] == 429


@pytest.mark.parametrize(
    ("path", "needed"),
    [
        ("repairs/", Scope.REPAIRS_READ),
        ("catalogue/", Scope.REPAIRS_READ),
        ("homes/", Scope.REPAIRS_READ),
        ("jobs/", Scope.WORK),
        ("board/", Scope.DISPATCH),
        ("board/workers/", Scope.DISPATCH),
    ],
)
def test_api__a_scope_opens_its_addresses_only(estate: Estate, path: str, needed: str) -> None:
    user = make.make_staff(role=Role.MANAGER, estate=estate)
    assert Api(user, needed).get(path).status_code == 200
    other = Scope.WORK if needed == Scope.DISPATCH else Scope.DISPATCH
    if path != "catalogue/":
        problem(Api(user, other).get(path), 403, "permission_denied")


def test_me__says_who_one_is(resident: User) -> None:
    body = Api(resident, Scope.REPAIRS_READ).get("me/").json()
    assert (body["name"], body["scopes"]) == (resident.name, ["repairs:read"])


def test_homes__own_and_of_whom_one_acts_for(resident: User, home: Home) -> None:
    son = make.make_user()
    make.make_delegation(resident=resident, delegate=son)
    make.make_resident()
    body = Api(son).get("homes/").json()
    assert [(row["home"], row["resident"]) for row in body["results"]] == [(home.pk, resident.pk)]


def test_catalogue__has_two_levels_of_ones_estates(resident: User, estate: Estate) -> None:
    upper = make.make_category(estate=estate, name="水")
    make.make_category(parent=upper, name="漏水")
    make.make_category(parent=upper, name="旧的", is_offered=False)
    make.make_category()
    body = Api(resident).get("catalogue/").json()
    assert [(row["name"], [kind["name"] for kind in row["kinds"]]) for row in body] == [("水", ["漏水"])]


# -- The resident


def test_report__in_ones_home_with_pictures__makes_a_repair(
    resident: User, home: Home, estate: Estate
) -> None:
    category = make.make_category(parent=make.make_category(estate=estate))
    body = {"category": category.pk, "home": home.pk, "words": "水龙头漏水", "pictures": [photo(), photo()]}
    answer = Api(resident).upload("repairs/", **body)
    assert answer.status_code == 201, answer.content
    repair = Repair.objects.get(pk=answer.json()["id"])
    assert (repair.resident, repair.home, repair.description) == (resident, home, "水龙头漏水")
    assert repair.pictures.count() == 2
    picture = Api(resident).get(answer.json()["pictures"][0]["urls"]["small"].split("/api/v1/")[1])
    assert picture.status_code == 200
    assert picture["Content-Type"] == "image/jpeg"


def test_report__by_the_code_of_a_sign__is_at_that_place(resident: User, estate: Estate) -> None:
    category = make.make_category(parent=make.make_category(estate=estate))
    place = make.make_place(estate=estate)
    answer = Api(resident).post("repairs/", category=category.pk, place=place.code.lower(), words="灯坏了")
    assert answer.status_code == 201, answer.content
    assert answer.json()["place"] == place.pk


def test_report__with_the_same_key_again__is_the_same_repair(
    resident: User, home: Home, estate: Estate
) -> None:
    category = make.make_category(parent=make.make_category(estate=estate))
    body = {"category": category.pk, "home": home.pk, "words": "漏水", "key": str(uuid4())}
    first, second = (Api(resident).post("repairs/", **body) for _n in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert Repair.objects.count() == 1


def test_report__an_emergency__alarms_the_desk(resident: User, home: Home, estate: Estate) -> None:
    category = make.make_category(parent=make.make_category(estate=estate), is_emergency=True)
    Api(resident).post("repairs/", category=category.pk, home=home.pk)
    assert Alarm.objects.sounding().get().estate == estate


def test_report__for_a_parent__is_marked_so(resident: User, home: Home, estate: Estate) -> None:
    son = make.make_user()
    make.make_delegation(resident=resident, delegate=son, service=Delegation.Service.REPAIRS)
    category = make.make_category(parent=make.make_category(estate=estate))
    answer = Api(son).post("repairs/", category=category.pk, home=home.pk, resident=resident.pk)
    assert answer.status_code == 201, answer.content
    repair = Repair.objects.get()
    assert (repair.resident, repair.reported_by) == (resident, son)


def test_report__in_a_strangers_home__is_refused(resident: User, estate: Estate) -> None:
    other = make.make_home(estate=estate)
    category = make.make_category(parent=make.make_category(estate=estate))
    body = problem(Api(resident).post("repairs/", category=category.pk, home=other.pk), 409, "not_your_home")
    assert "home" in body["errors"]


def test_report__that_is_incomplete__names_the_fields(resident: User) -> None:
    body = problem(Api(resident).post("repairs/"), 400, "invalid")
    assert "category" in body["errors"]


def test_report__with_a_disguised_file__keeps_nothing(resident: User, home: Home, estate: Estate) -> None:
    category = make.make_category(parent=make.make_category(estate=estate))
    fake = SimpleUploadedFile("x.jpg", b"<script>", content_type="image/jpeg")
    body = {"category": category.pk, "home": home.pk, "pictures": [photo(), fake]}
    problem(Api(resident).upload("repairs/", **body), 400, "picture_refused")
    assert not Repair.objects.exists()


def test_repair__of_somebody_else__is_404(resident: User) -> None:
    other = make.make_repair()
    for path in (f"repairs/{other.pk}/", "repairs/999999/"):
        problem(Api(resident).get(path), 404, "not_found")
    problem(Api(resident).post(f"repairs/{other.pk}/cancel/"), 404, "not_found")


def test_repair__detail__has_history_messages_and_verbs(resident: User, home: Home) -> None:
    repair = make.make_repair(home=home, resident=resident)
    desk = make.make_staff(role=Role.DISPATCHER, estate=home.estate)
    now = clock.now()
    RepairMessage.objects.create(repair=repair, author=desk, words="内部", is_internal=True, at=now)
    RepairMessage.objects.create(repair=repair, author=desk, words="马上到", at=now)
    seen = Api(resident).get(f"repairs/{repair.pk}/").json()
    assert [step["status"] for step in seen["history"]] == ["new"]
    assert [said["words"] for said in seen["messages"]] == ["马上到"]
    assert seen["verbs"] == ["add_words", "cancel_repair"]
    assert seen["resident_phone"] == ""
    by_desk = Api(desk).get(f"repairs/{repair.pk}/").json()
    assert len(by_desk["messages"]) == 2
    assert by_desk["resident_phone"] == resident.phone


def test_repair__life_from_report_to_rating__by_api_alone(
    resident: User, home: Home, dispatcher: User, worker: User
) -> None:
    repair = make.make_repair(home=home, resident=resident)
    steps = [
        (dispatcher, f"board/{repair.pk}/accept/", {}, "accepted"),
        (worker, f"jobs/{repair.pk}/take/", {}, "assigned"),
        (worker, f"jobs/{repair.pk}/start/", {}, "in_work"),
        (worker, f"jobs/{repair.pk}/quote/", {"fen": 6800, "words": "换水龙头"}, "quoted"),
        (resident, f"repairs/{repair.pk}/answer-quote/", {"agrees": True, "fen": 6800}, "in_work"),
        (worker, f"jobs/{repair.pk}/wait-for-parts/", {"reason": "订货"}, "waiting_for_parts"),
        (worker, f"jobs/{repair.pk}/resume/", {}, "in_work"),
        (worker, f"jobs/{repair.pk}/wait-for-resident/", {"reason": "没人"}, "waiting_for_resident"),
        (dispatcher, f"board/{repair.pk}/assign/", {"worker": worker.pk}, "assigned"),
        (worker, f"jobs/{repair.pk}/start/", {}, "in_work"),
        (worker, f"jobs/{repair.pk}/done/", {"words": "换好了"}, "done"),
        (resident, f"repairs/{repair.pk}/reopen/", {"words": "又漏了"}, "reopened"),
        (worker, f"jobs/{repair.pk}/take/", {}, "assigned"),
        (worker, f"jobs/{repair.pk}/return/", {"reason": "没空"}, "accepted"),
        (dispatcher, f"board/{repair.pk}/assign/", {"worker": worker.pk}, "assigned"),
        (worker, f"jobs/{repair.pk}/start/", {}, "in_work"),
        (worker, f"jobs/{repair.pk}/done/", {"words": ""}, "done"),
        (resident, f"repairs/{repair.pk}/confirm/", {"face": 3, "words": "谢谢"}, "confirmed"),
    ]
    for who, path, body, status in steps:
        answer = Api(who).post(path, **body)
        assert answer.status_code == 200, (path, answer.content)
        assert answer.json()["status"] == status
    repair.refresh_from_db()
    assert repair.history.count() == len(steps) + 1
    assert repair.satisfaction.face == 3


def test_verb__that_does_not_fit_the_state__is_409(resident: User, home: Home) -> None:
    repair = make.make_repair(home=home, resident=resident)
    problem(Api(resident).post(f"repairs/{repair.pk}/confirm/", face=3), 409, "already_moved")


def test_verb__of_another_role__is_403(resident: User, home: Home) -> None:
    repair = make.make_repair(home=home, resident=resident)
    problem(Api(resident).post(f"board/{repair.pk}/accept/"), 403, "forbidden")


def test_messages__words_and_pictures__are_added(resident: User, home: Home) -> None:
    repair = make.make_repair(home=home, resident=resident)
    answer = Api(resident).upload(f"repairs/{repair.pk}/messages/", words="还在漏", pictures=[photo()])
    assert answer.status_code == 200, answer.content
    assert [said["words"] for said in answer.json()["messages"]] == ["还在漏"]
    assert len(answer.json()["pictures"]) == 1


# -- The worker


def test_jobs__mine_and_free(worker: User, home: Home, estate: Estate) -> None:
    mine = make.make_repair(home=home, status="assigned", worker=worker)
    free = make.make_repair(home=home, status="accepted")
    make.make_repair(home=home, status="new")
    make.make_repair(status="accepted")
    api = Api(worker, Scope.WORK)
    assert [row["id"] for row in api.get("jobs/").json()["results"]] == [mine.pk]
    assert [row["id"] for row in api.get("jobs/", whose="free").json()["results"]] == [free.pk]


def test_jobs__taken_by_a_colleague__is_told(worker: User, estate: Estate, home: Home) -> None:
    repair = make.make_repair(home=home, status="accepted")
    other = make.make_staff(role=Role.REPAIR_WORKER, estate=estate)
    assert Api(other).post(f"jobs/{repair.pk}/take/").status_code == 200
    assert Api(worker).post(f"jobs/{repair.pk}/take/").status_code in (404, 409)


def test_jobs__pictures_of_the_work__are_added(worker: User, home: Home) -> None:
    repair = make.make_repair(home=home, status="in_work", worker=worker)
    answer = Api(worker).upload(f"jobs/{repair.pk}/pictures/", shows="after", pictures=[photo()])
    assert answer.status_code == 200, answer.content
    assert answer.json()["pictures"][0]["shows"] == "after"


# -- The dispatcher


def test_board__filters_and_keeps_to_ones_estates(dispatcher: User, home: Home, worker: User) -> None:
    new = make.make_repair(home=home)
    assigned = make.make_repair(home=home, status="assigned", worker=worker)
    make.make_repair()
    api = Api(dispatcher, Scope.DISPATCH)
    assert {row["id"] for row in api.get("board/").json()["results"]} == {new.pk, assigned.pk}
    assert [row["id"] for row in api.get("board/", status="new").json()["results"]] == [new.pk]
    assert [row["id"] for row in api.get("board/", worker=worker.pk).json()["results"]] == [assigned.pk]
    problem(api.get("board/", status="nonsense"), 400, "invalid")


def test_board__workers__with_what_they_have_in_hand(dispatcher: User, home: Home, worker: User) -> None:
    make.make_repair(home=home, status="assigned", worker=worker)
    make.make_repair(home=home, status="done", worker=worker)
    body = Api(dispatcher).get("board/workers/").json()
    assert body == [{"id": worker.pk, "name": worker.name, "estate": home.estate.pk, "in_hand": 1}]


# -- Form


def test_api__lists__page_by_cursor(resident: User, home: Home) -> None:
    for _n in range(25):
        make.make_repair(home=home, resident=resident)
    first = Api(resident).get("repairs/").json()
    assert len(first["results"]) == 20
    second = Api(resident).get(first["next"].split("/api/v1/")[1]).json()
    ids = [row["id"] for row in first["results"] + second["results"]]
    assert len(set(ids)) == 25
    assert "count" not in first


def test_api__other_method_unknown_address_bad_json__are_problems(resident: User) -> None:
    api = Api(resident)
    answer = api.client.delete("/api/v1/repairs/", headers=api.headers)
    problem(answer, 405, "method_not_allowed")
    problem(api.get("nothing/here/"), 404, "not_found")
    broken = api.client.post("/api/v1/repairs/", "{", content_type="application/json", headers=api.headers)
    problem(broken, 400, "parse_error")
    xml = api.client.post("/api/v1/repairs/", "<a/>", content_type="text/xml", headers=api.headers)
    problem(xml, 415, "unsupported_media_type")


def test_api__too_many_requests__is_429_with_when_to_come_back(resident: User, monkeypatch) -> None:
    monkeypatch.setattr("community.core.throttles.TokenThrottle.get_rate", lambda self: "3/min")
    api = Api(resident)
    answers = [api.get("me/") for _n in range(4)]
    body = problem(answers[-1], 429, "throttled")
    assert int(answers[-1]["Retry-After"]) > 0
    assert body


def test_api__titles__are_in_the_language_asked_for(resident: User) -> None:
    api = Api(resident)
    api.headers["Accept-Language"] = "en"
    assert api.get("nothing/").json()["title"] == "There is no such address."
    api.headers["Accept-Language"] = "zh-hans"
    assert api.get("nothing/").json()["title"] == "没有这个地址。"


@pytest.mark.parametrize("path", ["repairs/", "board/", "jobs/?whose=free"])
def test_api__queries_of_a_list__are_the_same_with_10_and_with_1000_rows(
    home: Home, dispatcher: User, worker: User, path: str, django_assert_max_num_queries
) -> None:
    api = Api(worker if path.startswith("jobs") else dispatcher)
    counts = []
    for rows in (10, 990):
        make_many_repairs(rows, home)
        with django_assert_max_num_queries(12) as asked:
            assert api.get(path).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def make_many_repairs(count: int, home: Home) -> None:
    """Each with a resident of its own, so that a query a row would show."""
    pattern = make.make_repair(home=home, status="accepted")
    people = User.objects.bulk_create(User(name="住户", phone=make.next_phone()) for _n in range(count - 1))
    Repair.objects.bulk_create(
        Repair(
            estate=pattern.estate,
            home=home,
            category=pattern.category,
            resident=person,
            reported_by=person,
            reference=f"R-{person.pk}",
            status="accepted",
            created_at=pattern.created_at,
            status_changed_at=pattern.created_at,
        )
        for person in people
    )


def test_schema__is_valid_and_without_a_warning(db: None, tmp_path) -> None:
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))
    text = (tmp_path / "schema.yml").read_text()
    assert "/api/v1/repairs/{id}/answer-quote/" in text
    assert "application/problem+json" in text


def test_schema_and_docs__are_open_to_everybody(db: None) -> None:
    assert Client().get("/api/v1/schema/").status_code == 200
    page = Client().get("/api/")
    assert "/api/v1/repairs/" in page.content.decode()
