"""What waits for a person comes first on both home pages, in a sentence, and only what is theirs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Residency
from community.core import clock
from community.notifications.delivery import deliver
from community.notifications.models import OutboxMessage
from services.repairs.models import Repair
from tests.community.home.test_home import signed_in
from tests.factories import (
    make_bill,
    make_delegation,
    make_feedback,
    make_home,
    make_notice,
    make_payment,
    make_repair,
    make_residency,
    make_resident,
    make_user,
)
from tests.factories.renovation import Site, make_appointment

pytestmark = pytest.mark.django_db
S = Repair.Status


def page_of(user: object, url: str = "/", mode: str = "standard") -> str:
    return signed_in(user, mode).get(url).content.decode()  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_home__a_price_is_asked__says_so_and_leads_to_the_answer(mode: str) -> None:
    home = make_home()
    user = make_resident(home=home)
    repair = make_repair(home=home, resident=user, status=S.QUOTED, quote_fen=4500)
    page = page_of(user, mode=mode)
    assert "等您办" in page
    assert "报价 ¥45，同意吗" in page
    assert f'href="/repairs/{repair.pk}/price/"' in page
    assert repair.category.name in page_of(user, "/waiting/", mode)


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_home__nothing_waits__has_no_tile(mode: str) -> None:
    home = make_home()
    user = make_resident(home=home)
    make_repair(home=home, resident=user, status=S.ASSIGNED)
    assert "等您办" not in page_of(user, mode=mode)


def test_home__a_price_for_a_neighbour_or_a_flatmate__waits_for_the_resident_alone() -> None:
    home = make_home()
    asked, flatmate, stranger = make_resident(home=home), make_resident(home=home), make_resident()
    repair = make_repair(home=home, resident=asked, status=S.QUOTED, quote_fen=4500)
    assert "同意吗" in page_of(asked)
    assert "同意吗" not in page_of(flatmate)
    assert f"/repairs/{repair.pk}/" in page_of(flatmate)
    assert f"/repairs/{repair.pk}/" not in page_of(stranger)


def test_home__a_crew_comes_today__is_nearer_than_a_price_and_read_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = Site()
    begin = clock.midnight(clock.today(clock.now())) + timedelta(hours=14)
    monkeypatch.setattr(clock, "now", lambda: begin - timedelta(hours=6))
    make_appointment(site=site, slot=site.slot(starts_at=begin))
    make_repair(home=site.home, resident=site.resident, status=S.QUOTED, quote_fen=4500)
    make_bill(home=site.home)
    page = page_of(site.resident, mode="large")
    assert "等您办 2 件" in page
    said = page[page.index("data-say=") :]
    first, second, owed = (
        said.index(one) for one in ("今天 下午2点 施工队上门", "报价 ¥45，同意吗", "¥231.48")
    )
    assert first < second < owed
    assert page.index("<b>今天 下午2点 施工队上门</b>") < page.index('class="door')
    listed = page_of(site.resident, "/waiting/", "large")
    assert "施工队上门" in listed
    assert "同意吗" in listed


def test_home__an_urgent_notice__waits_until_it_is_read() -> None:
    home = make_home()
    user = make_resident(home=home)
    notice = make_notice(estate=home.estate, title="主水管抢修", is_urgent=True)
    page = page_of(user, mode="large")
    assert "紧急：" in page
    assert "主水管抢修" in page[page.index("data-say=") :]
    page_of(user, f"/notices/{notice.pk}/")
    assert "等您办" not in page_of(user, mode="large")


def test_home__a_parents_matter__names_the_parent_on_one_card() -> None:
    home = make_home()
    mother, son = make_resident(home=home, name="王秀英"), make_user(name="李强")
    for service in ("repairs", "fees"):
        make_delegation(resident=mother, delegate=son, service=service)
    make_repair(home=home, resident=mother, status=S.QUOTED, quote_fen=4500)
    make_bill(home=home)
    page = page_of(son)
    assert "王秀英：报价 ¥45，同意吗" in page
    assert page.count(f'id="for-{mother.pk}"') == 1
    card = page[page.index(f'id="for-{mother.pk}"') :]
    assert "¥231.48" in card
    assert f"/repairs/new/?for={mother.pk}" in card
    assert "请登记住址" not in page


def test_handover__of_a_price__names_the_step_and_waits_on_the_childs_home_until_opened() -> None:
    home = make_home()
    mother, son = make_resident(home=home, name="王秀英"), make_user(name="李强")
    make_delegation(resident=mother, delegate=son, service="repairs")
    repair = make_repair(home=home, resident=mother, status=S.QUOTED, quote_fen=4500)
    path = f"/repairs/{repair.pk}/price/"
    client = signed_in(mother)
    assert "确认报价 ¥45" in client.get("/handover/", {"path": path}).content.decode()
    client.post("/handover/", {"path": path, "delegates": [son.pk]})
    for pk in OutboxMessage.objects.filter(channel="inbox").values_list("pk", flat=True):
        deliver(pk, now=clock.now())
    page = page_of(son)
    assert "王秀英请您帮忙：确认报价 ¥45" in page
    notice = son.inbox.get()
    opened = signed_in(son).get(f"/inbox/{notice.pk}/")
    assert opened["Location"].startswith(path)
    assert "请您帮忙" not in page_of(son)


def test_handover__to_a_relative_who_acts_in_another_service__says_no_price() -> None:
    home = make_home()
    mother, niece = make_resident(home=home), make_user()
    make_delegation(resident=mother, delegate=niece, service="fees")
    repair = make_repair(home=home, resident=mother, status=S.QUOTED, quote_fen=4500)
    given = {"path": f"/repairs/{repair.pk}/price/", "delegates": [niece.pk]}
    signed_in(mother).post("/handover/", given)
    sent = [message.params for message in OutboxMessage.objects.all()]
    assert sent
    assert "45" not in str([params["step"] for params in sent])


def test_handover__of_a_strangers_price__does_not_name_it() -> None:
    mother, stranger = make_resident(), make_resident()
    repair = make_repair(resident=stranger, status=S.QUOTED, quote_fen=4500)
    make_delegation(resident=mother, delegate=make_user())
    page = signed_in(mother).get("/handover/", {"path": f"/repairs/{repair.pk}/price/"}).content.decode()
    assert "¥45" not in page.partition("<main")[2].partition("</main")[0]


@pytest.mark.parametrize("mode", ["standard", "large"])
def test_home__being_checked__says_what_and_by_when__and_never_that_all_is_paid(mode: str) -> None:
    home, user = make_home(), make_user()
    assert "请登记住址" in page_of(user, mode=mode)
    make_residency(user=user, home=home, status=Residency.Status.REQUESTED)
    for url in ("/", "/fees/", "/repairs/new/", "/care/"):
        page = page_of(user, url, mode)
        assert "登记住址" not in page, url
        assert "没有欠费" not in page, url
        assert "/join/" not in page, url
        assert str(home) in page, url
        assert "前答复" in page, url


def test_mine__has_matters_of_all_kinds__filtered_searched_and_paged() -> None:
    home = make_home()
    user, stranger = make_resident(home=home), make_resident()
    now = clock.now()
    repairs = [
        make_repair(home=home, resident=user, created_at=now - timedelta(minutes=number))
        for number in range(25)
    ]
    make_repair(home=home, resident=user, created_at=now - timedelta(days=70), status=S.CLOSED)
    feedback = make_feedback(resident=user)
    bill = make_bill(home=home)
    begun = make_payment(payer=user, bills=[bill])
    payment = make_payment(payer=user, bills=[bill], paid=True)
    other = make_repair(resident=stranger)
    client = signed_in(user)
    with CaptureQueriesContext(connection) as found:
        first = client.get("/mine/").content.decode()
    assert len(found) <= 14
    assert f'href="/feedback/{feedback.pk}/"' in first
    assert f'href="/fees/payments/{payment.pk}/"' in first
    # Begun, and then paid in another way.
    assert f'href="/fees/payments/{begun.pk}/"' not in first
    assert f'href="/repairs/{other.pk}/"' not in first
    seen, url = [], "/mine/"
    while url:
        page = client.get(url).content.decode()
        seen += [row for row in repairs if f'href="/repairs/{row.pk}/"' in page]
        rest = page.partition('<nav class="pager"')[2]
        url = "/mine/" + rest.partition('href="')[2].partition('"')[0].replace("&amp;", "&") if rest else ""
    assert seen == repairs
    assert "/repairs/" not in client.get("/mine/?kind=feedback").content.decode()
    assert (
        f'href="/repairs/{repairs[3].pk}/"'
        in client.get(f"/mine/?words={repairs[3].reference}").content.decode()
    )
    assert (
        f'href="/repairs/{repairs[4].pk}/"'
        not in client.get(f"/mine/?words={repairs[3].reference}").content.decode()
    )
    old = clock.today(now - timedelta(days=70)).replace(day=1)
    month = client.get(f"/mine/?month={old}").content.decode()
    assert month.count('href="/repairs/') == 1
    assert "已关闭" not in client.get("/mine/?is_open=on&kind=repairs").content.decode()
