"""The front desk keeps the roster: finds, corrects, adds, changes numbers and moves out, in its estates."""

import pytest
from django.urls import reverse

from accounts import actions
from accounts.models import Residency, RosterEntry, StaffRole, User
from community.core import clock
from community.core.errors import Forbidden
from community.core.models import AuditRecord
from community.estates.models import Estate, Home
from community.notifications.models import OutboxMessage
from tests import factories as make
from tests.community.admin_pages import page_of, signed_in

pytestmark = pytest.mark.django_db
CHECKED = "id_card"


@pytest.fixture
def home() -> Home:
    building = make.make_building(name="3号楼")
    return make.make_home(entrance=make.make_entrance(building=building, name="2单元"), number="501")


@pytest.fixture
def estate(home: Home) -> Estate:
    return home.estate


@pytest.fixture
def desk(client, estate) -> User:
    user = make.make_staff(estate=estate)
    client.force_login(user)
    return user


def found(client, words: str) -> list[str]:
    return [line.name for line in client.post(reverse("desk_roster"), {"words": words}).context["lines"]]


def given(**changes: object) -> dict[str, object]:
    return {"name": "王秀英", "kind": "owner", "home": "3-2-501", "phone": "", "landline": ""} | changes


def test_roster__found_by_number_home_and_name__also_who_never_signed_in(client, desk, home) -> None:
    line = make.make_roster_entry(home=home, name="王秀英")
    make.make_roster_entry(home=home, name="李强", ended_at=clock.now())
    make.make_roster_entry(name="王外人")
    assert found(client, line.phone_national) == ["王秀英"]
    assert found(client, "3-2-501") == ["李强", "王秀英"]
    assert found(client, "王") == ["王秀英"]
    page = client.get(reverse("desk_roster")).content.decode()
    assert "王秀英" in page
    assert "李强" not in page
    assert "王外人" not in page
    assert line.phone_national not in page
    assert line.masked_phone in page


def test_roster__many__goes_on_by_name(client, desk, home) -> None:
    for number in range(25):
        make.make_roster_entry(home=home, name=f"住户{number:02}")
    first = client.get(reverse("desk_roster"))
    second = client.get(reverse("desk_roster") + first.context["next_url"])
    names = [line.name for page in (first, second) for line in page.context["lines"]]
    assert names == [f"住户{number:02}" for number in range(25)]


def test_roster_line__opened__shows_the_number_and_is_on_record(client, desk, home) -> None:
    line = make.make_roster_entry(home=home, landline="027-88886666", birth_year=1948)
    page = client.get(reverse("desk_roster_line", args=[line.pk])).content.decode()
    assert "027-88886666" in page
    assert "1948" in page
    record = AuditRecord.objects.get(action="number_read")
    assert (record.actor, record.target) == (desk, f"accounts.rosterentry:{line.pk}")


def test_roster__added_without_a_mobile_number__stands_and_opens_nothing(client, desk, home, estate) -> None:
    answer = client.post(
        reverse("desk_roster_new"), given(estate=estate.pk, landline="027-88886666", birth_year="1940")
    )
    line = RosterEntry.objects.get()
    assert answer.url == reverse("desk_roster_line", args=[line.pk])
    assert (line.home, line.phone, line.landline, line.birth_year) == (home, "", "027-88886666", 1940)
    assert AuditRecord.objects.get(action="roster_added").actor == desk
    again = client.post(reverse("desk_roster_new"), given(estate=estate.pk))
    assert "已在这套房的名册上" in again.content.decode()
    assert RosterEntry.objects.count() == 1


def test_roster__added_with_a_number_that_has_signed_in__gives_the_home(client, desk, home, estate) -> None:
    person = make.make_user(phone_verified_at=clock.now())
    client.post(reverse("desk_roster_new"), given(estate=estate.pk, phone=person.phone_national))
    assert Residency.objects.active().get().user == person


def test_roster__ones_own_number__is_not_taken(client, desk, estate, home) -> None:
    answer = client.post(reverse("desk_roster_new"), given(estate=estate.pk, phone=desk.phone_national))
    assert "请由同事为您登记" in answer.content.decode()
    assert not RosterEntry.objects.exists()


def test_roster__another_estates_home__is_not_found(client, desk, home) -> None:
    other = make.make_estate()
    client.post(reverse("desk_roster_new"), given(estate=other.pk))
    assert not RosterEntry.objects.exists()


def test_roster_line__corrected__is_on_record_and_the_residency_follows(client, desk, home) -> None:
    person = make.make_resident(home=home, kind=Residency.Kind.TENANT)
    line = make.make_roster_entry(home=home, phone=person.phone, name="王秀央", kind="tenant")
    address = reverse("desk_roster_edit", args=[line.pk])
    client.post(address, {"name": "王秀英", "kind": "owner", "birth_year": "1950", "landline": ""})
    line.refresh_from_db()
    assert (line.name, line.kind, line.birth_year, line.phone) == ("王秀英", "owner", 1950, person.phone)
    assert person.residencies.get().kind == Residency.Kind.OWNER
    record = AuditRecord.objects.get(action="roster_corrected")
    assert (record.actor, record.detail) == (desk, {"fields": ["birth_year", "kind", "name"]})
    client.post(address, {"name": "王秀英", "kind": "owner", "birth_year": "1950", "landline": ""})
    assert AuditRecord.objects.filter(action="roster_corrected").count() == 1


def test_roster_line__another_number__asks_what_was_checked_and_keeps_it(client, desk, home) -> None:
    line = make.make_roster_entry(home=home)
    address, number = reverse("desk_roster_number", args=[line.pk]), make.next_phone()
    client.post(address, {"phone": number})
    assert not AuditRecord.objects.filter(action="roster_number").exists()
    client.post(address, {"phone": number, "checked": CHECKED})
    line.refresh_from_db()
    assert line.phone == number
    assert AuditRecord.objects.get(action="roster_number").detail["checked"] == CHECKED
    assert OutboxMessage.objects.filter(template="number_changed", channel="sms").exists()
    client.post(address, {"phone": "", "checked": CHECKED})
    line.refresh_from_db()
    assert line.phone == ""


def test_roster_line__moved_out__ends_the_home_and_stays_to_be_found(client, desk, home) -> None:
    person = make.make_resident(home=home)
    line = make.make_roster_entry(home=home, phone=person.phone, name="王秀英")
    client.post(reverse("desk_roster_end", args=[line.pk]), {"checked": CHECKED})
    assert person.residencies.get().status == Residency.Status.ENDED
    assert found(client, "王秀英") == ["王秀英"]
    assert "已搬离" in client.get(reverse("desk_roster_line", args=[line.pk])).content.decode()


def test_register__without_a_mobile_number__is_a_person_the_desk_acts_for(client, desk, home, estate) -> None:
    for _time in range(2):
        answer = client.post(reverse("desk_register"), given(estate=estate.pk))
    residency = Residency.objects.active().get()
    assert (residency.user.name, residency.user.phone, residency.home) == ("王秀英", "", home)
    assert "这套房已登记或申请过" in answer.content.decode()
    assert client.get(reverse("desk_resident", args=[residency.user.pk])).status_code == 200


def test_office_form__refused_by_an_action__comes_back_as_it_was_filled_in(home, desk) -> None:
    """The person has another estate's home too: one desk does not change their number."""
    person = make.make_resident(home=home)
    make.make_residency(user=person, home=make.make_home())
    line = make.make_roster_entry(home=home, phone=person.phone, name="王秀英")
    typed = {
        "name": "王秀英",
        "phone": "13912340077",
        "checked": CHECKED,
        "kind": "owner",
        "birth_year": "1951",
    }
    answer = signed_in(desk).post(page_of(line), typed, headers={"accept-language": "zh-CN"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="13912340077"' in page
    assert 'value="1951"' in page
    assert "此人另有岗位或别处房屋" in page
    line.refresh_from_db()
    assert (line.phone, line.birth_year) == (person.phone, None)


def test_office_form__forbidden_by_an_action__comes_back_with_why(home, desk) -> None:
    typed = {"name": "王", "phone": desk.phone_national, "kind": "owner", "home": home.pk}
    address = reverse("admin:accounts_rosterentry_add")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("accounts.admin_forms.RosterForm.clean_phone", lambda form: form.cleaned_data["phone"])
        answer = signed_in(desk).post(address, typed, headers={"accept-language": "zh-CN"})
    assert answer.status_code == 403
    assert "请由同事为您登记" in answer.content.decode()
    assert f'value="{desk.phone_national}"' in answer.content.decode()
    assert not RosterEntry.objects.exists()


def test_add_line__role_without_a_desk__refused(home) -> None:
    cashier = make.make_staff(role=StaffRole.Role.CASHIER, estate=home.estate)
    with pytest.raises(Forbidden):
        actions.add_roster_entry(line=RosterEntry(home=home, name="王"), by=cashier, now=clock.now())
