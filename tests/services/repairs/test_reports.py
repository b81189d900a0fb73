"""Reporting: one question a page, nothing lost, sent once."""

import io
import re
from importlib import import_module
from uuid import uuid4

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.notifications.models import InboxNotice
from services.common.models import Alarm
from services.repairs import actions
from services.repairs.models import Repair, RepairCategory, RepairDraft
from tests.factories import (
    make_category,
    make_delegation,
    make_home,
    make_place,
    make_repair,
    make_resident,
    make_staff,
    make_user,
)
from tests.support import sounds
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    return make_home()


@pytest.fixture
def resident(home):
    return make_resident(home=home)


@pytest.fixture
def water(home):
    return make_category(estate=home.estate, name="水", name_en="Water")


@pytest.fixture
def leak(water):
    return make_category(parent=water, name="漏水", name_en="Leak")


def signed_in(user) -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    client.force_login(user)
    return client


def open_draft(client: Client, category: RepairCategory, **given) -> RepairDraft:
    client.post(reverse("report_begin"), {"category": category.pk, "key": uuid4(), **given})
    return RepairDraft.objects.latest("created_at")


def test_report__by_a_resident__asks_what_words_and_check_and_is_sent(resident, home, leak, water) -> None:
    client = signed_in(resident)
    assert "水" in client.get(reverse("report_begin")).content.decode()
    assert "漏水" in client.get(reverse("report_begin"), {"kind": water.pk}).content.decode()
    draft = open_draft(client, leak)
    words = reverse("report_words", args=[draft.pk])
    answer = client.post(words, {"description": "厨房水龙头滴水", "pictures": [a_picture()]})
    assert answer.url == reverse("report_check", args=[draft.pk])
    assert "厨房水龙头滴水" in client.get(answer.url).content.decode()
    sent = client.post(answer.url)
    repair = Repair.objects.get()
    assert sent.url == reverse("repair", args=[repair.pk])
    assert (repair.home, repair.resident, repair.reported_by) == (home, resident, resident)
    assert repair.pictures.count() == 1
    assert repair.history.get().to_status == Repair.Status.NEW
    assert re.fullmatch(r"R-\d{6}-0001", repair.reference)


def test_report__sent_twice__is_one_repair(resident, leak, django_capture_on_commit_callbacks) -> None:
    client = signed_in(resident)
    draft = open_draft(client, leak)
    with django_capture_on_commit_callbacks(execute=True):
        first = client.post(reverse("report_check", args=[draft.pk]))
        second = client.post(reverse("report_check", args=[draft.pk]))
    assert first.url == second.url
    assert Repair.objects.count() == 1
    assert InboxNotice.objects.filter(user=resident).count() == 1


def test_report__begun_twice_with_one_token__is_one_draft(resident, leak) -> None:
    client, key = signed_in(resident), uuid4()
    for _tap in range(2):
        client.post(reverse("report_begin"), {"category": leak.pk, "key": key})
    assert RepairDraft.objects.count() == 1


def test_emergency__gas__says_to_go_out_before_it_says_to_call(resident, home, water) -> None:
    leak = make_category(parent=water, name="燃气泄漏", is_emergency=True, danger="gas")
    repair = make_repair(home=home, resident=resident, category=leak, is_emergency=True)
    html = signed_in(resident).get(reverse("repair_emergency", args=[repair.pk])).content.decode()
    assert 0 < html.index("gas.svg") < html.index(f"tel:{home.estate.emergency_phone}")


def test_upgrade__emergencies_of_before__have_their_danger_named_but_for_a_fire(home) -> None:
    groups = {"电": "bolt", "水": "droplet", "电梯": "lift", "燃气": "flame", "消防": "flame"}
    for name, icon in groups.items():
        make_category(parent=make_category(estate=home.estate, name=name, icon=icon), is_emergency=True)
    import_module("services.repairs.migrations.0005_repaircategory_danger").name_dangers(apps, None)
    named = RepairCategory.objects.filter(is_emergency=True).values_list("parent__name", "danger")
    assert dict(named) == {"电": "power", "水": "water", "电梯": "lift", "燃气": "gas", "消防": ""}


def test_report__emergency__alarms_the_desk_at_once_and_shows_the_number(resident, home, water) -> None:
    burst = make_category(parent=water, name="水管爆裂", is_emergency=True)
    answer = signed_in(resident).post(
        reverse("report_begin"), {"category": burst.pk, "key": uuid4()}, follow=True
    )
    repair = Repair.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("repair_emergency", args=[repair.pk])
    assert f"tel:{home.estate.emergency_phone}" in answer.content.decode()
    alarm = Alarm.objects.sounding().get()
    assert (alarm.estate, alarm.title, repair.alarm) == (home.estate, "水管爆裂", alarm)


def test_report__trapped_in_the_lift__needs_no_further_question(resident, water) -> None:
    trapped = make_category(parent=water, name="困人", is_emergency=True, where=RepairCategory.Where.PUBLIC)
    signed_in(resident).post(reverse("report_begin"), {"category": trapped.pk, "key": uuid4()})
    assert Alarm.objects.sounding().count() == 1


def test_report__by_the_sign__knows_the_place(resident, home) -> None:
    place = make_place(estate=home.estate, name="2单元楼道")
    top = make_category(estate=home.estate, name="公共")
    lamp = make_category(parent=top, name="路灯", where=RepairCategory.Where.PUBLIC)
    only_home = make_category(parent=top, name="马桶", where=RepairCategory.Where.HOME)
    client = signed_in(resident)
    assert "2单元楼道" in client.get(reverse("sign", args=[place.code.lower()])).content.decode()
    page = client.get(reverse("report_begin"), {"place": place.code, "kind": top.pk}).content.decode()
    assert lamp.name in page
    assert only_home.name not in page
    draft = open_draft(client, lamp, place=place.code)
    client.post(reverse("report_check", args=[draft.pk]))
    assert Repair.objects.get().place == place


def test_report__of_a_shared_area__asks_where(resident, home) -> None:
    place = make_place(estate=home.estate)
    lamp = make_category(estate=home.estate, name="路灯", where=RepairCategory.Where.PUBLIC)
    client = signed_in(resident)
    answer = client.post(reverse("report_begin"), {"category": lamp.pk, "key": uuid4()})
    draft = RepairDraft.objects.get()
    assert answer.url == reverse("report_place", args=[draft.pk])
    client.post(answer.url, {"place": place.code})
    draft.refresh_from_db()
    assert draft.place == place


def test_place__of_many__leads_by_building_in_natural_order_and_is_found_by_its_name(resident, home) -> None:
    from tests.factories import make_building

    estate = home.estate
    for number in (10, 2, 3):
        building = make_building(estate=estate, name=f"{number}号楼")
        make_place(estate=estate, building=building, name=f"{number}号楼屋顶")
    for name in ("一单元楼道", "门厅"):
        make_place(estate=estate, building=home.entrance.building, name=f"本楼{name}")
    for name in ("中心花园", "东门", "西门", "车棚"):
        make_place(estate=estate, building=None, name=name)
    lamp = make_category(estate=estate, name="路灯", where=RepairCategory.Where.PUBLIC)
    client = signed_in(resident)
    address = client.post(reverse("report_begin"), {"category": lamp.pk, "key": uuid4()}).url

    first = client.get(address)
    assert [place.name for place in first.context["choice"].places] == ["本楼一单元楼道", "本楼门厅"]
    others = client.get(address, {"in": "buildings"})
    names = [building.name for building in others.context["choice"].buildings]
    assert names == ["2号楼", "3号楼", "10号楼"]
    assert "中心花园" in client.get(address, {"in": "grounds"}).content.decode()
    found = client.get(address, {"words": "10号"}).content.decode()
    assert "10号楼屋顶" in found
    assert "2号楼屋顶" not in found
    assert "没有找到" in client.get(address, {"words": "游泳池"}).content.decode()


def test_report__with_two_homes__asks_which(resident, leak) -> None:
    from tests.factories import make_residency

    second = make_home(estate=leak.estate)
    make_residency(user=resident, home=second)
    page = signed_in(resident).get(reverse("report_begin")).content.decode()
    assert str(second) in page


def test_report__without_a_home__says_what_to_do() -> None:
    page = signed_in(make_user()).get(reverse("report_begin")).content.decode()
    assert reverse("join") in page


def test_report__without_a_home__leads_to_those_for_whom_one_may(resident, leak) -> None:
    son = make_user(name="李强")
    make_delegation(resident=resident, delegate=son)
    page = signed_in(son).get(reverse("report_begin")).content.decode()
    assert f"{reverse('report_begin')}?for={resident.pk}" in page
    assert "帮家人报修" in page


def test_report__for_the_mother__is_marked_so(resident, leak) -> None:
    daughter = make_delegation(resident=resident).delegate
    client = signed_in(daughter)
    draft = open_draft(client, leak, **{"for": resident.pk})
    client.post(reverse("report_check", args=[draft.pk]))
    repair = Repair.objects.get()
    assert (repair.resident, repair.reported_by) == (resident, daughter)
    assert repair.history.get().on_behalf_of == resident


def test_report__by_the_front_desk_for_who_phoned__is_marked_so(resident, home, leak) -> None:
    desk = make_staff(role=StaffRole.Role.FRONT_DESK, estate=home.estate)
    draft = open_draft(signed_in(desk), leak, **{"for": resident.pk, "home": home.pk})
    signed_in(desk).post(reverse("report_check", args=[draft.pk]))
    assert Repair.objects.get().history.get().actor == desk


@pytest.mark.parametrize("stranger", ["neighbour", "desk of another estate", "worker"])
def test_report__for_somebody_by_a_stranger__is_not_found(resident, home, leak, stranger) -> None:
    user = {
        "neighbour": lambda: make_resident(home=make_home(estate=home.estate)),
        "desk of another estate": lambda: make_staff(role=StaffRole.Role.FRONT_DESK),
        "worker": lambda: make_staff(role=StaffRole.Role.REPAIR_WORKER, estate=home.estate),
    }[stranger]()
    answer = signed_in(user).post(
        reverse("report_begin"), {"category": leak.pk, "for": resident.pk, "key": uuid4()}
    )
    assert answer.status_code == 404
    assert not RepairDraft.objects.exists()


def test_words__with_a_file_that_is_no_picture__keeps_the_words_and_the_good_ones(resident, leak) -> None:
    client = signed_in(resident)
    draft = open_draft(client, leak)
    script = io.BytesIO(b"<script>alert(1)</script>")
    script.name = "photo.jpg"
    answer = client.post(
        reverse("report_words", args=[draft.pk]),
        {"description": "漏水很久了", "pictures": [a_picture(), script]},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "photo.jpg" in page
    assert "漏水很久了" in page
    assert draft.pictures.count() == 1


def test_words__a_spoken_message__is_kept_and_played_to_the_resident_alone(resident, leak) -> None:
    client = signed_in(resident)
    draft = open_draft(client, leak)
    sound = io.BytesIO(sounds.ogg())
    sound.name = "voice.ogg"
    client.post(reverse("report_words", args=[draft.pk]), {"voice": sound, "voice_seconds": 12})
    recording = draft.recordings.get()
    url = reverse("repair_recording", args=[recording.pk])
    assert client.get(url)["Content-Type"] == "audio/ogg"
    assert signed_in(make_user()).get(url).status_code == 404


@pytest.mark.parametrize("content", [b"MZ\x90\x00", b"<html>", b""])
def test_words__a_disguised_recording__is_refused_with_a_reason(resident, leak, content) -> None:
    client = signed_in(resident)
    draft = open_draft(client, leak)
    sound = io.BytesIO(content)
    sound.name = "voice.ogg"
    answer = client.post(reverse("report_words", args=[draft.pk]), {"voice": sound, "voice_seconds": 2})
    assert answer.status_code == 422
    assert not draft.recordings.exists()


def test_draft__more_than_six_pictures__is_refused(resident, leak) -> None:
    draft = open_draft(signed_in(resident), leak)
    for _n in range(6):
        actions.add_picture_to_draft(draft=draft, by=resident, upload=a_picture(), now=clock.now())
    with pytest.raises(ActionError) as refused:
        actions.add_picture_to_draft(draft=draft, by=resident, upload=a_picture(), now=clock.now())
    assert refused.value.field == "pictures"
    assert draft.pictures.count() == 6


def test_draft__of_another__cannot_be_sent(resident, leak) -> None:
    draft = open_draft(signed_in(resident), leak)
    with pytest.raises(Forbidden):
        actions.send_report(draft=draft, by=make_user(), now=clock.now())
    assert signed_in(make_user()).get(reverse("report_check", args=[draft.pk])).status_code == 404


def test_what__category_with_nothing_below_it__is_itself_chosen(resident, home, water, leak) -> None:
    alone = make_category(estate=home.estate, name="杂事")
    client = signed_in(resident)
    page = client.get(reverse("report_begin")).content.decode()
    assert f"kind={water.pk}" in page
    assert f"kind={alone.pk}" not in page
    assert re.search(rf'name="category" value="{alone.pk}"', page)
    assert open_draft(client, alone).category == alone
    old_link = client.get(reverse("report_begin") + f"?kind={alone.pk}").content.decode()
    assert re.search(rf'name="category" value="{alone.pk}"', old_link)


def test_what__only_children_that_do_not_fit_the_place__leads_nowhere_and_is_left_out(resident, home) -> None:
    inside = make_category(estate=home.estate, name="家电")
    make_category(parent=inside, name="洗衣机", where=RepairCategory.Where.HOME)
    make_category(estate=home.estate, name="照明")
    place = make_place(estate=home.estate)
    page = signed_in(resident).get(reverse("report_begin") + f"?place={place.code}").content.decode()
    assert "照明" in page
    assert "家电" not in page


def test_what__child_no_longer_offered__its_parent_is_chosen(resident, water, leak) -> None:
    RepairCategory.objects.filter(pk=leak.pk).update(is_offered=False)
    page = signed_in(resident).get(reverse("report_begin")).content.decode()
    assert re.search(rf'name="category" value="{water.pk}"', page)


def test_office__category__its_icon_is_chosen_from_drawings(water) -> None:
    boss = User.objects.create_superuser(username="chief", password="x", name="管理员")
    RepairCategory.objects.filter(pk=water.pk).update(icon="soup")
    client = signed_in(boss)
    url = reverse("admin:repairs_repaircategory_change", args=[water.pk])
    page = client.get(url).content.decode()
    assert re.search(r'type="radio" name="icon" value="droplet"[^>]*aria-label="水滴"', page)
    assert "icons.svg#droplet" in page
    assert re.search(r'name="icon" value="soup"[^>]*checked', page)
    form = client.get(url).context["adminform"].form
    typed = {name: form.initial.get(name) or "" for name in form.fields}
    assert client.post(url, {**typed, "position": 0, "icon": "flame"}).status_code == 302
    water.refresh_from_db()
    assert water.icon == "flame"
    assert client.post(url, {**typed, "position": 0, "icon": "unheard-of"}).status_code == 200
