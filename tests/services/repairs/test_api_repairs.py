"""Repairs by the open API: the resident's, the worker's and the dispatcher's verbs, and who sees what."""

from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import StaffRole, User
from community.core import clock
from community.estates.models import Estate, Home
from services.common.models import Alarm
from services.repairs.models import Repair, RepairDraft, RepairMessage
from tests import factories as make
from tests.services.repairs.api import Api, photo, problem
from tests.support import photos
from tests.support.photos import stored_pictures

Role = StaffRole.Role


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
    make.make_delegation(resident=resident, delegate=son, service="repairs")
    category = make.make_category(parent=make.make_category(estate=estate))
    answer = Api(son).post("repairs/", category=category.pk, home=home.pk, resident=resident.pk)
    assert answer.status_code == 201, answer.content
    repair = Repair.objects.get()
    assert (repair.resident, repair.reported_by) == (resident, son)


def test_report__for_a_stranger__is_answered_as_for_nobody(
    resident: User, home: Home, estate: Estate, dispatcher: User
) -> None:
    """Whether a number is a person's is not told to whoever tries numbers."""
    category = make.make_category(parent=make.make_category(estate=estate))
    delegate = make.make_delegation(resident=resident, service="care").delegate
    desk_of_another = make.make_staff(role=Role.FRONT_DESK)
    gone = make.make_resident(home=home, is_active=False)
    asked = {"category": category.pk, "home": home.pk}
    missing = problem(Api(delegate).post("repairs/", **asked, resident=999999), 400, "invalid")
    assert list(missing["errors"]) == ["resident"]
    for who in (delegate, make.make_resident(), desk_of_another, dispatcher):
        for whom in (resident, gone):
            answer = Api(who).post("repairs/", **asked, resident=whom.pk)
            assert problem(answer, 400, "invalid") == missing
    assert not Repair.objects.exists()


def test_report__in_a_strangers_home__is_refused(resident: User, estate: Estate) -> None:
    other = make.make_home(estate=estate)
    category = make.make_category(parent=make.make_category(estate=estate))
    body = problem(Api(resident).post("repairs/", category=category.pk, home=other.pk), 400, "invalid")
    assert "home" in body["errors"]


def test_report__that_is_incomplete__names_the_fields(resident: User) -> None:
    body = problem(Api(resident).post("repairs/"), 400, "invalid")
    assert "category" in body["errors"]


def test_report__with_a_disguised_file__keeps_nothing(resident: User, home: Home, estate: Estate) -> None:
    category = make.make_category(parent=make.make_category(estate=estate))
    fake = SimpleUploadedFile("x.jpg", b"<script>", content_type="image/jpeg")
    before = stored_pictures()
    body = {"category": category.pk, "home": home.pk, "pictures": [photo(), fake]}
    problem(Api(resident).upload("repairs/", **body), 400, "picture_refused")
    assert not Repair.objects.exists()
    assert not RepairDraft.objects.exists()
    assert stored_pictures() == before


def test_report__refused_after_its_pictures_were_stored__keeps_no_file(
    resident: User, home: Home, estate: Estate
) -> None:
    """The category is another estate's."""
    before = stored_pictures()
    body = {"category": make.make_category().pk, "home": home.pk, "pictures": [photo()]}
    problem(Api(resident).upload("repairs/", **body), 400, "invalid")
    assert stored_pictures() == before


def test_report__with_a_picture_as_two_lenses_make_it__is_taken(
    resident: User, home: Home, estate: Estate
) -> None:
    category = make.make_category(parent=make.make_category(estate=estate))
    content = photos.case("phone-two-pictures-in-one-jpeg.jpg").getvalue()
    upload = SimpleUploadedFile("IMG_1.jpg", content, content_type="image/jpeg")
    answer = Api(resident).upload("repairs/", category=category.pk, home=home.pk, pictures=[upload])
    assert answer.status_code == 201, answer.content
    picture = Repair.objects.get().pictures.get()
    assert (picture.width, picture.height) == (1200, 900)


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


def test_assign__by_who_only_sees_the_repair__does_not_tell_which_numbers_exist(
    resident: User, home: Home, worker: User
) -> None:
    repair = make.make_repair(home=home, resident=resident)
    for pk in (worker.pk, 999999):
        problem(Api(resident).post(f"board/{repair.pk}/assign/", worker=pk), 403, "forbidden")


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
    api = Api(worker, "work")
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
    api = Api(dispatcher, "dispatch")
    assert {row["id"] for row in api.get("board/").json()["results"]} == {new.pk, assigned.pk}
    assert [row["id"] for row in api.get("board/", status="new").json()["results"]] == [new.pk]
    assert [row["id"] for row in api.get("board/", worker=worker.pk).json()["results"]] == [assigned.pk]
    problem(api.get("board/", status="nonsense"), 400, "invalid")


def test_board__workers__with_what_they_have_in_hand(dispatcher: User, home: Home, worker: User) -> None:
    make.make_repair(home=home, status="assigned", worker=worker)
    make.make_repair(home=home, status="done", worker=worker)
    body = Api(dispatcher).get("board/workers/").json()
    assert body == [{"id": worker.pk, "name": worker.name, "estate": home.estate.pk, "in_hand": 1}]
