"""The desk finds people, registers who phoned, and checks who lives where; only for its own estates."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import actions
from accounts.models import Delegation, DelegationRequest, Residency, StaffRole, User
from community.core import clock
from community.core.models import AuditRecord
from community.estates.home_names import homes_named
from community.estates.models import Estate, Home
from tests import factories

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


@pytest.fixture
def estate() -> Estate:
    return factories.make_estate()


@pytest.fixture
def desk(client, estate) -> User:
    user = factories.make_staff(estate=estate)
    client.force_login(user)
    return user


def make_home_501(estate: Estate, building: str = "3号楼", entrance: str = "2单元", number: str = "501"):
    there = factories.make_entrance(
        building=estate.buildings.filter(name=building).first()
        or factories.make_building(estate=estate, name=building),
        name=entrance,
    )
    return factories.make_home(entrance=there, number=number)


def search(client, words: str):
    return client.post(reverse("desk_residents"), {"words": words})


def names(answer) -> list[str]:
    return [person.name for person in answer.context["people"]]


@pytest.mark.parametrize(
    "words", ["3号楼2单元501", "3-2-501", "3 - 2 - 501", "3栋2单元501室", "3号楼 2单元 501", "3-501"]
)
def test_homes_named__as_people_say_it__found(estate, words):
    home = make_home_501(estate)
    make_home_501(estate, "13号楼")
    make_home_501(estate, "4号楼", "3单元", "501")
    make_home_501(factories.make_estate())
    assert list(homes_named(words, Estate.objects.filter(pk=estate.pk))) == [home]


@pytest.mark.parametrize("words", ["王秀英", "501", "", "-", "3-", "号楼", "3-2-501-9-9"])
def test_homes_named__no_home__nothing(estate, words):
    make_home_501(estate)
    assert list(homes_named(words, Estate.objects.all())) == []


def test_search__by_number__opens_the_person(client, desk, estate):
    person = factories.make_resident(home=factories.make_home(estate=estate))
    assert search(client, person.phone_national).url == reverse("desk_resident", args=[person.pk])


def test_search__by_a_part_of_the_name_or_home__lists(client, desk, estate):
    home = make_home_501(estate)
    person = factories.make_resident(home=home, name="王秀英")
    factories.make_resident(home=factories.make_home(estate=estate), name="王大明")
    factories.make_resident(home=factories.make_home(estate=estate), name="李王")
    factories.make_resident(home=factories.make_home(estate=estate), name="李强")
    factories.make_resident(name="王外人")
    assert names(search(client, "王")) == ["李王", "王大明", "王秀英"]
    assert names(search(client, "3-2-501")) == ["王秀英"]
    assert person.phone_national not in search(client, "王").content.decode()


def test_search__person_of_another_estate__not_found(client, desk):
    stranger = factories.make_resident()
    page = search(client, stranger.phone_national)
    assert page.status_code == 200
    assert not page.context["people"]
    assert not page.context["lines"]
    assert client.get(reverse("desk_resident", args=[stranger.pk])).status_code == 404


def test_list__more_than_a_page__goes_on_by_name_without_gaps(client, desk, estate):
    entrance = factories.make_entrance(building=factories.make_building(estate=estate))
    for n in range(45):
        factories.make_resident(home=factories.make_home(entrance=entrance), name=f"王{n % 7}")
    seen, url = [], reverse("desk_residents")
    while url:
        page = client.get(url)
        seen += [person.pk for person in page.context["people"]]
        url = reverse("desk_residents") + page.context["next_url"] if page.context["next_url"] else ""
    assert len(seen) == len(set(seen)) == 45


@pytest.mark.parametrize("after", ["²", "१", "x", "-1", "9" * 30])
def test_list__nonsense_in_the_address__begins_at_the_beginning(client, desk, estate, after):
    person = factories.make_resident(home=factories.make_home(estate=estate))
    page = client.get(reverse("desk_residents"), {"after": after})
    assert [one.pk for one in page.context["people"]] == [person.pk]


def test_resident__number_seen__is_recorded(client, desk, estate):
    person = factories.make_resident(home=factories.make_home(estate=estate))
    page = client.get(reverse("desk_resident", args=[person.pk])).content.decode()
    assert person.phone_national in page.replace(" ", "")
    record = AuditRecord.objects.get(action="number_read")
    assert (record.actor, record.target) == (desk, f"accounts.user:{person.pk}")


def test_resident__report_for_them__with_the_home(client, desk, estate):
    home = factories.make_home(estate=estate)
    person = factories.make_resident(home=home)
    page = client.get(reverse("desk_resident", args=[person.pk])).content.decode()
    assert f"/repairs/new/?for={person.pk}&amp;home={home.pk}" in page


def test_resident__home_in_another_estate__not_shown(client, desk, estate):
    person = factories.make_resident(home=factories.make_home(estate=estate))
    elsewhere = factories.make_home()
    factories.make_residency(user=person, home=elsewhere)
    assert str(elsewhere) not in client.get(reverse("desk_resident", args=[person.pk])).content.decode()


def test_register__who_phoned__can_be_reported_for_at_once(client, desk, estate):
    home = make_home_501(estate)
    form = {
        "name": "周奶奶",
        "phone": "138 1234 5678",
        "estate": estate.pk,
        "home": "3-2-501",
        "kind": "owner",
    }
    answer = client.post(reverse("desk_register"), form, follow=True)
    person = User.objects.with_phone("+8613812345678").get()
    assert person.residencies.get().home == home
    assert f"for={person.pk}" in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "value"), [("home", "9-9-999"), ("phone", "123"), ("estate", "0"), ("kind", "x")]
)
def test_register__what_is_wrong__said_beside_its_field(client, desk, estate, field, value):
    make_home_501(estate)
    form = {"name": "周奶奶", "phone": "13812345678", "estate": estate.pk, "home": "3-2-501", "kind": "owner"}
    answer = client.post(reverse("desk_register"), form | {field: value})
    assert answer.context["form"].errors[field]
    assert not User.objects.with_phone("+8613812345678").exists()


def test_register__home_of_another_estate__not_offered(client, desk):
    other = factories.make_estate()
    make_home_501(other)
    form = {"name": "x", "phone": "13812345678", "estate": other.pk, "home": "3-2-501", "kind": "owner"}
    assert client.post(reverse("desk_register"), form).context["form"].errors["estate"]


def ask(estate: Estate) -> Residency:
    return factories.make_residency(
        user=factories.make_user(),
        home=factories.make_home(estate=estate),
        status="requested",
        words="住三楼",
    )


def test_requests__approve__resident_has_the_home(client, desk, estate):
    asked = ask(estate)
    assert (
        reverse("desk_residency", args=[asked.pk]) in client.get(reverse("desk_residencies")).content.decode()
    )
    assert "住三楼" in client.get(reverse("desk_residency", args=[asked.pk])).content.decode()
    client.post(reverse("desk_approve", args=[asked.pk]))
    asked.refresh_from_db()
    assert asked.status == "active"


def test_requests__decline__asks_why(client, desk, estate):
    asked = ask(estate)
    page = client.post(reverse("desk_decline", args=[asked.pk]), {"reason": ""})
    assert page.context["form"].errors["reason"]
    client.post(reverse("desk_decline", args=[asked.pk]), {"reason": "请来前台"})
    asked.refresh_from_db()
    assert asked.status == "declined"


def test_requests__colleague_was_faster__said_and_nothing_changes(client, desk, estate):
    asked = ask(estate)
    client.post(reverse("desk_approve", args=[asked.pk]))
    referer = "http://testserver" + reverse("desk_residency", args=[asked.pk])
    page = client.post(
        reverse("desk_decline", args=[asked.pk]), {"reason": "x"}, HTTP_REFERER=referer, follow=True
    )
    assert 'role="alert"' in page.content.decode()
    asked.refresh_from_db()
    assert (asked.status, asked.history.count()) == ("active", 2)


def test_requests__of_another_estate__not_there(client, desk):
    asked = ask(factories.make_estate())
    assert client.get(reverse("desk_residency", args=[asked.pk])).status_code == 404
    assert client.post(reverse("desk_approve", args=[asked.pk])).status_code == 404


def test_requests__ones_own__a_colleague_must_answer(client, desk, estate):
    own = factories.make_residency(user=desk, home=factories.make_home(estate=estate), status="requested")
    assert client.post(reverse("desk_approve", args=[own.pk])).status_code == 404


def test_requests__auditor__looks_but_sees_no_number_and_decides_nothing(client, estate):
    client.force_login(factories.make_staff(role=Role.AUDITOR, estate=estate))
    asked = ask(estate)
    page = client.get(reverse("desk_residency", args=[asked.pk]))
    assert page.status_code == 200
    assert asked.user.phone_national not in page.content.decode().replace(" ", "")
    assert reverse("desk_approve", args=[asked.pk]) not in page.content.decode()
    assert client.post(reverse("desk_approve", args=[asked.pk])).status_code == 403


def test_moved_out__ends_the_home_and_tells(client, desk, estate):
    person = factories.make_resident(home=factories.make_home(estate=estate))
    url = reverse("desk_end_home", args=[person.residencies.get().pk])
    assert client.get(url).status_code == 200
    client.post(url)
    step = person.residencies.get().history.last()
    assert (step.to_status, step.actor, step.on_behalf_of) == ("ended", desk, person)


def test_family__given_and_ended_at_the_counter(client, desk, estate):
    person = factories.make_resident(home=factories.make_home(estate=estate))
    url = reverse("desk_family", args=[person.pk])
    client.post(url, {"relation": "son", "phone": "13812345678", "services": ["repairs", "fees"]})
    assert not Delegation.objects.exists()
    asked = DelegationRequest.objects.get(resident=person)
    actions.agree_to_request(request=asked, by=person, now=clock.now())
    given = Delegation.objects.offered().filter(resident=person)
    assert given.count() == 2
    assert "****5678" in client.get(url).content.decode()
    client.post(reverse("desk_end_family", args=[person.pk, given[0].delegate_id]))
    assert not Delegation.objects.open().filter(resident=person).exists()


def test_name_and_mode__changed_for_one_who_phoned(client, desk, estate):
    person = factories.make_resident(home=factories.make_home(estate=estate))
    client.post(reverse("desk_rename", args=[person.pk]), {"name": "王秀兰"})
    client.post(reverse("desk_set_mode", args=[person.pk]), {"large": "1"})
    person.refresh_from_db()
    assert (person.name, person.prefers_large) == ("王秀兰", True)


DESK_PAGES = ["desk_residents", "desk_register"]
STAFF_PAGES = ["desk", "desk_residencies"]


@pytest.mark.parametrize("name", [*DESK_PAGES, *STAFF_PAGES])
def test_doors__stranger_and_resident__kept_out(client, name):
    assert client.get(reverse(name)).url.startswith("/sign-in/?next=/staff/")
    client.force_login(factories.make_resident())
    assert client.get(reverse(name)).status_code == 403


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.FRONT_DESK, Role.MANAGER}))
@pytest.mark.parametrize("name", DESK_PAGES)
def test_doors__other_roles__not_the_desks_pages(client, name, role):
    client.force_login(factories.make_staff(role=role))
    assert client.get(reverse(name)).status_code == 403
    assert client.get(reverse("desk")).status_code == 200


def test_start__counts_only_what_waits_in_ones_own_estates(client, desk, estate):
    ask(estate)
    ask(factories.make_estate())
    counts = {entry.url: entry.count for entry in client.get(reverse("desk")).context["staff_nav"]}
    assert counts["/staff/residencies/"] == 1


def fill(estate: Estate, count: int) -> None:
    """Many at once: a home of their own each, half of them waiting."""
    entrance = factories.make_entrance(building=factories.make_building(estate=estate))
    now = clock.now()
    start = User.objects.count()
    people = User.objects.bulk_create(
        User(name=f"住户{start + n:04d}", phone=f"+86137{start + n:08d}") for n in range(count)
    )
    homes = Home.objects.bulk_create(
        Home(entrance=entrance, number=f"h{n}", floor=1, area_dm2=100) for n in range(count)
    )
    Residency.objects.bulk_create(
        Residency(
            user=person,
            home=home,
            kind="owner",
            status="active" if n % 2 else "requested",
            status_changed_at=now,
            created_at=now,
        )
        for n, (person, home) in enumerate(zip(people, homes, strict=True))
    )


@pytest.mark.parametrize("name", ["desk_residents", "desk_residencies", "desk"])
def test_lists__ten_or_a_thousand_rows__same_number_of_queries(client, desk, estate, name):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name)).status_code == 200
        return len(captured)

    fill(estate, 10)
    few = queries()
    fill(estate, 990)
    assert queries() == few


@pytest.mark.parametrize("words", ["住户", "3-2-501"])
def test_search__ten_or_a_thousand_rows__same_number_of_queries(client, desk, estate, words):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            search(client, words)
        return len(captured)

    factories.make_residency(user=factories.make_user(), home=make_home_501(estate))
    fill(estate, 10)
    few = queries()
    fill(estate, 990)
    assert queries() == few
