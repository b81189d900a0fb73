"""The pages of help as a browser without scripts asks for them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import StaffRole, User
from community.core import clock
from community.core.models import AuditRecord
from community.estates.models import Estate, Home
from services.common.models import Alarm
from services.help import actions
from services.help.models import HelpCall, HelpChange
from tests.factories import (
    make_delegation,
    make_estate,
    make_help_call,
    make_home,
    make_residency,
    make_resident,
    make_staff,
    make_user,
)
from tests.factories.base import numbers
from tests.services.repairs.api import Api
from tests.support.backing import forget_kept

pytestmark = pytest.mark.django_db
Role = StaffRole.Role


def client_of(user: User | None, mode: str = "standard") -> Client:
    client = Client(headers={"accept-language": "zh-CN"})
    if user is not None:
        client.force_login(user)
    client.cookies["mode"] = mode
    return client


def html_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_help__signed_out__the_numbers_and_no_button(estate: Estate) -> None:
    html = html_of(client_of(None), "/help/")
    assert 'href="tel:120"' in html
    assert f'href="tel:{estate.desk_phone}"' in html
    assert "叫人来" not in html


def test_help__signed_out_on_the_residents_own_phone__the_desk_of_their_estate(elder: User) -> None:
    make_estate(desk_phone="02700001111")
    client = client_of(elder)
    client.post("/sign-out/")
    assert f"tel:{elder.residencies.get().home.estate.desk_phone}" in html_of(client, "/help/")
    assert "02700001111" not in html_of(client_of(None), "/help/")


def test_help__daughter_acts_for_her__her_number_is_there(elder: User) -> None:
    daughter = make_delegation(resident=elder).delegate
    assert f'href="tel:{daughter.phone}"' in html_of(client_of(elder), "/help/")
    assert daughter.phone not in html_of(client_of(daughter), f"/help/?for={elder.pk}")


def test_help__no_home__the_numbers_and_no_button(estate: Estate) -> None:
    html = html_of(client_of(make_user()), "/help/")
    assert 'href="tel:120"' in html
    assert "叫人来" not in html


def test_help__two_homes__a_button_each_says_where(elder: User) -> None:
    second = make_home()
    make_residency(user=elder, home=second)
    html = html_of(client_of(elder), "/help/")
    assert html.count("叫人来") == 2
    assert str(second) in html


def test_help__call_is_open__leads_to_it(elder: User, home: Home) -> None:
    call = make_help_call(resident=elder, home=home)
    assert client_of(elder).get("/help/")["Location"] == f"/help/{call.pk}/"


def test_help__for_ones_mother__and_for_a_stranger(elder: User) -> None:
    son = make_user()
    make_delegation(resident=elder, delegate=son, service="care")
    assert "王秀英" in html_of(client_of(son), "/help/")
    page = html_of(client_of(son), f"/help/?for={elder.pk}")
    assert "叫人来" in page
    stranger = client_of(make_resident())
    assert stranger.get(f"/help/?for={elder.pk}").status_code == 404
    assert stranger.post("/help/call/", {"for": elder.pk}).status_code == 404
    for nonsense in ("x", "-1", "9" * 30, "१२"):
        assert stranger.get("/help/", {"for": nonsense}).status_code == 404
        assert stranger.post("/help/call/", {"home": nonsense}).status_code == 404
    assert not HelpCall.objects.exists()


def test_raise__home_of_a_neighbour__is_refused_in_plain_words(elder: User, estate: Estate) -> None:
    neighbours = make_home(estate=estate)
    answer = client_of(elder).post("/help/call/", {"home": neighbours.pk}, follow=True)
    assert "请从列出的房屋里选" in answer.content.decode()
    assert not Alarm.objects.exists()


def test_raise__broken_token__calls_all_the_same(elder: User) -> None:
    answer = client_of(elder).post("/help/call/", {"key": "not a token"})
    call = HelpCall.objects.get()
    assert answer["Location"] == f"/help/{call.pk}/"


def test_raise__same_page_sent_twice__one_call(elder: User) -> None:
    key = str(uuid4())
    client = client_of(elder)
    first, second = (client.post("/help/call/", {"key": key})["Location"] for _n in range(2))
    assert first == second
    assert HelpCall.objects.count() == 1


def test_raise__taken_back__then_pressed_in_earnest_on_the_old_page__calls(elder: User) -> None:
    key, client = str(uuid4()), client_of(elder)
    first = client.post("/help/call/", {"key": key})["Location"]
    client.post(f"{first}back/")
    # The phone's Back shows the page of the button, with the key from before.
    second = client.post("/help/call/", {"key": key})["Location"]
    assert second == first
    assert HelpCall.objects.get().status == "calling"
    assert Alarm.objects.sounding().filter(kind="help").count() == 1


def test_raise__desk_for_one_who_phoned__keeps_what_was_said(elder: User, desk: User) -> None:
    client = client_of(desk)
    assert "电话里怎么说的" in html_of(client, f"/help/?for={elder.pk}")
    client.post("/help/call/", {"for": elder.pk, "words": "说胸闷"})
    call = HelpCall.objects.get()
    assert (call.description, call.reported_by) == ("说胸闷", desk)
    assert "说胸闷" in html_of(client, f"/staff/help/{call.pk}/")


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_call__numbers_to_call_always_stand_there(mode: str, elder: User, home: Home) -> None:
    for status in HelpCall.Status.values:
        HelpCall.objects.filter(resident=elder).update(resident=make_resident())
        call = make_help_call(resident=elder, home=home, status=status)
        html = html_of(client_of(elder, mode), f"/help/{call.pk}/")
        assert 'href="tel:120"' in html
        assert f'href="tel:{call.estate.desk_phone}"' in html


def test_call__what_had_happened__words_for_the_elder_alone(elder: User, home: Home) -> None:
    daughter = make_user()
    make_delegation(resident=elder, delegate=daughter)
    call = make_help_call(resident=elder, home=home, status="ended", words="血压偏高")
    assert "血压偏高" in html_of(client_of(elder), f"/help/{call.pk}/")
    theirs = html_of(client_of(daughter), f"/help/{call.pk}/")
    assert "血压偏高" not in theirs
    assert "现场处理好" in theirs


def test_take_back__asks_first__and_after_ten_minutes_leads_away(elder: User, home: Home) -> None:
    call = make_help_call(resident=elder, home=home)
    client = client_of(elder)
    assert "取消求助吗" in html_of(client, f"/help/{call.pk}/back/")
    HelpCall.objects.update(created_at=clock.now() - timedelta(minutes=11))
    assert client.get(f"/help/{call.pk}/back/").status_code == 302
    answer = client.post(
        f"/help/{call.pk}/back/", HTTP_REFERER=f"http://testserver/help/{call.pk}/", follow=True
    )
    assert "已超过 10 分钟" in answer.content.decode()
    assert HelpCall.objects.get().status == "calling"


def test_take_back__within_ten_minutes(elder: User, home: Home) -> None:
    call = make_help_call(resident=elder, home=home)
    answer = client_of(elder).post(f"/help/{call.pk}/back/", follow=True)
    assert "前台会来电话" in answer.content.decode()


@pytest.mark.parametrize(
    ("verb", "data", "field"),
    [
        ("send", {}, "goes"),
        ("send", {"goes": "999999"}, "goes"),
        ("end", {}, "outcome"),
        ("end", {"outcome": "nonsense"}, "outcome"),
        ("end", {"outcome": "drill"}, "outcome"),
        ("end", {"outcome": "other", "words": ""}, "words"),
        ("end", {"outcome": "helped", "words": "好" * 2001}, "words"),
    ],
)
def test_verbs__bad_input__named__kept__nothing_written(
    verb: str, data: dict[str, str], field: str, elder: User, home: Home, desk: User
) -> None:
    call = make_help_call(resident=elder, home=home, status="coming", responder=desk)
    answer = client_of(desk).post(f"/staff/help/{call.pk}/{verb}/", data)
    assert answer.status_code == 422
    [tried] = [form for form in answer.context["forms"] if form.is_bound]
    assert field in tried.errors
    html = answer.content.decode()
    assert str(tried.errors[field][0]) in html
    assert data.get("words", "") in html
    assert HelpCall.objects.get().status == "coming"


def test_verbs__no_such_verb__or_get(elder: User, home: Home, desk: User) -> None:
    call = make_help_call(resident=elder, home=home)
    client = client_of(desk)
    assert client.post(f"/staff/help/{call.pk}/fly/").status_code == 404
    assert client.get(f"/staff/help/{call.pk}/take/")["Location"] == f"/staff/help/{call.pk}/"


def test_staff_call__numbers_shown__is_on_record(elder: User, home: Home, desk: User) -> None:
    daughter = make_user(name="李梅")
    make_delegation(resident=elder, delegate=daughter)
    call = make_help_call(resident=elder, home=home)
    html = html_of(client_of(desk), f"/staff/help/{call.pk}/")
    assert elder.phone_national in html
    assert daughter.phone_national in html
    record = AuditRecord.objects.get(action="number_read")
    assert (record.actor, record.estate_id_number) == (desk, call.estate_id)


def test_staff_call__a_day_after_its_end__no_numbers_of_the_family(
    elder: User, home: Home, desk: User
) -> None:
    daughter, son = make_user(name="李梅"), make_user(name="李强")
    make_delegation(resident=elder, delegate=daughter)
    call = make_help_call(resident=elder, home=home, status="ended", reported_by=son)
    url, client = f"/staff/help/{call.pk}/", client_of(desk)
    html = html_of(client, url)
    assert daughter.phone_national in html
    assert son.phone_national in html
    HelpCall.objects.update(status_changed_at=clock.now() - timedelta(days=1, minutes=1))
    html = html_of(client, url)
    assert daughter.phone_national not in html
    assert son.phone_national not in html
    assert "李强" in html


def test_drill__by_the_manager__marked_on_every_page(
    estate: Estate, home: Home, manager: User, desk: User
) -> None:
    client = client_of(manager)
    bad = {"entrance": home.entrance_id, "number": "999", "key": uuid4()}
    answer = client.post("/staff/help/drill/", bad)
    assert answer.status_code == 422
    assert "这个单元没有这个房号" in answer.content.decode()
    assert client.post("/staff/help/drill/", {"key": uuid4()}).context["form"].errors.keys() == {"entrance"}
    elsewhere = make_home()
    answer = client.post("/staff/help/drill/", {"entrance": elsewhere.entrance_id, "key": uuid4()})
    assert answer.status_code == 422
    assert not HelpCall.objects.exists()

    answer = client.post("/staff/help/drill/", bad | {"number": home.number})
    call = HelpCall.objects.get()
    assert answer["Location"] == f"/staff/help/{call.pk}/"
    for who, url in (
        (desk, "/staff/help/"),
        (desk, f"/staff/help/{call.pk}/"),
        (manager, f"/help/{call.pk}/"),
    ):
        assert "演练" in html_of(client_of(who), url)
    with translation.override("zh-hans"):
        assert "演练" in Alarm.objects.get().heading


def test_figures__drills_apart(estate: Estate, home: Home, elder: User, desk: User) -> None:
    now = clock.now()
    make_help_call(resident=elder, home=home, status="ended", created_at=now - timedelta(days=1))
    late = make_help_call(resident=make_resident(home=home), home=home, status="ended")
    HelpCall.objects.filter(pk=late.pk).update(answered_at=late.created_at + timedelta(seconds=120))
    make_help_call(resident=desk, home=home, status="ended", is_drill=True, outcome="drill")
    figures = client_of(desk).get("/staff/help/").context["figures"]
    assert (figures["calls"].calls, figures["calls"].in_time, figures["calls"].seconds) == (2, 1, 60)
    assert figures["drills"].calls == 1


def test_history__whoever_reads_it__is_you_there_and_others_have_their_names(elder: User, home: Home) -> None:
    daughter = make_user(name="王芳")
    make_delegation(resident=elder, delegate=daughter)
    call = actions.raise_call(resident=elder, by=daughter, home=home, key=uuid4(), now=clock.now())

    def steps(reader: User) -> str:
        html = html_of(client_of(reader), f"/help/{call.pk}/")
        return html[html.index('<ol class="timeline"') :].partition("</ol>")[0]

    assert "王芳替您" in steps(elder)
    assert "王秀英" not in steps(elder)
    assert "您替王秀英" in steps(daughter)


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def fill(home: Home, desk: User, number: int) -> None:
    """So many calls that ended, with a history each."""
    now = clock.now()
    resident = make_resident(home=home)
    made = HelpCall.objects.bulk_create(
        HelpCall(
            estate=home.estate,
            home=home,
            resident=resident,
            reported_by=resident,
            reference=f"H-261122-{next(numbers):05d}",
            status="ended",
            outcome="helped",
            responder=desk,
            created_at=now - timedelta(minutes=one),
            status_changed_at=now,
        )
        for one in range(number)
    )
    HelpChange.objects.bulk_create(HelpChange(call=one, to_status="ended", at=now) for one in made)


def test_lists__queries__the_same_with_10_and_with_1000(home: Home, desk: User) -> None:
    client, api = client_of(desk), Api(desk)
    fill(home, desk, 10)

    def count() -> tuple[int, int]:
        forget_kept()
        with CaptureQueriesContext(connection) as seen:
            assert api.get("help-calls/").status_code == 200
        return queries_of(client, "/staff/help/"), len(seen)

    few = count()
    fill(home, desk, 990)
    assert count() == few
    html = html_of(client, "/staff/help/")
    assert html.count("H-261122-") == 20
    assert "before=" in html


def test_staff_list__open_ones_first__and_the_next_page(home: Home, desk: User, elder: User) -> None:
    fill(home, desk, 25)
    make_help_call(resident=elder, home=home, status="cancelled")
    make_help_call(resident=make_resident(home=home), home=home)
    client = client_of(desk)
    page = client.get("/staff/help/")
    assert [call.status for call in page.context["open_calls"]] == ["calling", "cancelled"]
    older = client.get("/staff/help/" + page.context["next_url"])
    assert len(older.context["calls"]) == 5
    assert client.get("/staff/help/?before=nonsense").status_code == 200
    assert client.get("/staff/help/?estate=999").status_code == 404


def test_staff_page__cashier__is_told_no(estate: Estate) -> None:
    assert client_of(make_staff(role=Role.CASHIER, estate=estate)).get("/staff/help/").status_code == 403


def test_help_page__no_home_known__shows_whom_to_call(estate: Estate) -> None:
    Estate.objects.filter(pk=estate.pk).update(desk_phone="02712345678")
    assert "tel:02712345678" in html_of(client_of(make_user()), "/help/")
    waiting = make_user()
    other = make_home()
    make_residency(user=waiting, home=make_home(estate=estate), status="requested")
    assert "tel:02712345678" in html_of(client_of(waiting), "/help/"), "of the home that was asked for"
    assert other.estate.desk_phone not in html_of(client_of(waiting), "/help/")


def test_help_page__nobody_of_the_family_to_tell__promises_none(home: Home) -> None:
    alone = make_resident(home=home)
    assert "会通知家人" not in html_of(client_of(alone), "/help/")
    make_delegation(resident=alone)
    assert "会通知家人" in html_of(client_of(alone), "/help/")
