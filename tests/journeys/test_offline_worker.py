"""A worker in a basement: what is entered without signal is kept on the phone, and arrives once."""

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import BrowserContext, Error, Page, Route, expect

from accounts.models import StaffRole, User
from services.repairs.models import Repair, RepairPicture
from tests.factories import make_estate, make_repair, make_staff
from tests.support.browser import session_cookie

S = Repair.Status
KEPT = "#kept"


@pytest.fixture
def worker(transactional_db: None) -> User:
    return make_staff(role=StaffRole.Role.REPAIR_WORKER, estate=make_estate(), name="王强")


@pytest.fixture
def job(worker: User) -> Repair:
    estate = StaffRole.objects.get(user=worker).estate
    return make_repair(estate=estate, status=S.ASSIGNED, worker=worker)


@pytest.fixture
def phone(new_page: Callable[..., Page], worker: User, job: Repair) -> Iterator[Page]:
    """The worker's phone with the job's page open, and kept."""
    page = new_page(user=worker)
    page.goto("/work/")
    expect(page.locator("body")).to_have_attribute("data-kept", "yes")
    page.goto(f"/work/{job.pk}/")
    expect(page.locator("body")).to_have_attribute("data-live-state", "on")
    yield page
    # A phone without signal complains about it; that is what these tests are about.
    page.troubles[:] = [one for one in page.troubles if "ERR_INTERNET_DISCONNECTED" not in one]  # type: ignore[attr-defined]


def photo() -> dict[str, Any]:
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(buffer, "JPEG")
    return {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def lose_signal(page: Page) -> None:
    page.context.set_offline(True)


def find_signal(page: Page) -> None:
    page.context.set_offline(False)


def press(page: Page, verb: str) -> None:
    """Send the form of a verb, after opening its fold if it has one."""
    form = page.locator(f"form[data-work={verb}]")
    if not form.is_visible():
        page.locator(f"#{verb} > summary").click()
    form.locator("[type=submit]").click()


def press_without_signal(page: Page, verb: str) -> None:
    """The page puts the entry aside and shows its own kept copy again."""
    page.evaluate("() => document.body.setAttribute('data-before', '')")
    press(page, verb)
    expect(page.locator("body[data-before]")).to_have_count(0)
    expect(page.locator("body")).to_be_visible()
    page.wait_for_load_state("load")


def test_offline__start_pictures_and_done__arrive_once(phone: Page, job: Repair) -> None:
    lose_signal(phone)
    press_without_signal(phone, "start")
    expect(phone.locator(KEPT)).to_contain_text("1 条记录已存在本机")
    phone.reload()
    expect(phone.locator("h1")).to_have_text(job.category.name)
    expect(phone.locator(KEPT)).to_contain_text("1 条记录已存在本机")
    # What the job allows once it is begun is there already, and "start" is not.
    expect(phone.locator("form[data-work=start]")).to_be_hidden()
    phone.locator("#finish > summary").click()
    form = phone.locator("form[data-work=finish]")
    form.get_by_label("更换").check()
    form.locator("textarea").fill("换了角阀")
    form.locator("input[type=file]").set_input_files([photo()])
    press_without_signal(phone, "finish")
    expect(phone.locator(KEPT)).to_contain_text("2 条记录已存在本机")
    phone.reload()
    expect(phone.locator(".kept-one")).to_have_count(2)
    expect(phone.locator(KEPT)).to_contain_text("换了角阀")
    expect(phone.locator(".kept-one img")).to_have_count(1)
    job.refresh_from_db()
    assert job.status == S.ASSIGNED

    find_signal(phone)
    expect(phone.locator(KEPT)).to_be_hidden()
    phone.reload()
    job.refresh_from_db()
    assert job.status == S.DONE
    assert [change.to_status for change in job.history.all()].count(S.DONE) == 1
    assert "换了角阀" in job.history.last().reason
    assert job.pictures.filter(shows=RepairPicture.Shows.AFTER).count() == 1


def test_offline__the_list_and_every_job__can_be_opened(phone: Page, job: Repair) -> None:
    lose_signal(phone)
    phone.goto("/work/")
    phone.locator(f'a[data-keep="{job.pk}"]').click()
    expect(phone.locator(".where").first).to_have_text(str(job.home))


def test_answer_lost__sent_again__counts_once(phone: Page, job: Repair) -> None:
    """The request arrives, its answer does not: the phone has to send it a second time."""
    lost = []

    def lose_answer(route: Route) -> None:
        lost.append(route.fetch())
        route.abort()

    phone.route(f"**/work/{job.pk}/write/", lose_answer, times=1)
    phone.locator("#write > summary").click()
    phone.locator("form[data-work=write] textarea").fill("半小时后到")
    press_without_signal(phone, "write")
    assert len(lost) == 1
    expect(phone.locator(KEPT)).to_have_attribute("data-waiting", "0")
    expect(phone.locator(KEPT)).to_be_hidden()
    assert [message.words for message in job.messages.all()] == ["半小时后到"]
    phone.troubles.clear()  # type: ignore[attr-defined]


def test_refused__cancelled_meanwhile__is_shown_with_what_was_entered(phone: Page, job: Repair) -> None:
    Repair.objects.update(status=S.IN_WORK)
    phone.reload()
    lose_signal(phone)
    phone.locator("#wait-parts > summary").click()
    phone.locator("form[data-work=wait-parts] textarea").fill("缺一个三通")
    press_without_signal(phone, "wait-parts")
    expect(phone.locator(KEPT)).to_contain_text("1 条记录已存在本机")
    Repair.objects.update(status=S.CANCELLED)
    find_signal(phone)
    refused = phone.locator(".kept-one.refused")
    expect(refused).to_contain_text("没有收下")
    expect(refused).to_contain_text("缺一个三通")
    phone.reload()
    expect(refused).to_contain_text("缺一个三通")
    phone.once("dialog", lambda dialog: dialog.accept())
    refused.get_by_role("button", name="删掉").click()
    expect(phone.locator(KEPT)).to_be_hidden()
    phone.troubles.clear()  # type: ignore[attr-defined]


def test_bad_price__online__is_said_beside_the_field__and_nothing_is_lost(phone: Page, job: Repair) -> None:
    Repair.objects.update(status=S.IN_WORK)
    phone.reload()
    phone.locator("#quote > summary").click()
    form = phone.locator("form[data-work=quote]")
    form.locator("[name=price]").fill("六十八")
    form.locator("textarea").fill("换水龙头")
    form.locator("[type=submit]").click()
    expect(form.locator("[data-problem=price]")).to_contain_text("请用数字填写价格")
    expect(form.locator("textarea")).to_have_value("换水龙头")
    form.locator("[name=price]").fill("68.50")
    form.locator("[type=submit]").click()
    expect(phone.locator("[data-state=quoted]")).to_be_visible()
    job.refresh_from_db()
    assert job.quote_fen == 6850
    phone.troubles.clear()  # type: ignore[attr-defined]


def _sign_in(context: BrowserContext, user: User, url: str) -> None:
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_cookie(user), "url": url}])


def test_another_worker_on_the_same_phone__does_not_send_the_first_ones(
    phone: Page, job: Repair, worker: User, live_server_url: str
) -> None:
    lose_signal(phone)
    press_without_signal(phone, "start")
    expect(phone.locator(KEPT)).to_contain_text("1 条记录已存在本机")
    colleague = make_staff(role=StaffRole.Role.REPAIR_WORKER, estate=job.estate, name="赵海波")
    _sign_in(phone.context, colleague, live_server_url)
    # The page finds that somebody else is signed in, and makes way for the new one's list.
    with phone.expect_navigation(url="**/work/"):
        find_signal(phone)
    expect(phone.locator("body")).to_have_attribute("data-kept", "yes")
    expect(phone.locator(KEPT)).to_be_hidden()
    # The first one's pages are gone from the phone.
    held = (
        "async () => (await (await caches.open('linli-work')).keys()).map((one) => new URL(one.url).pathname)"
    )
    assert f"/work/{job.pk}/" not in phone.evaluate(held)
    job.refresh_from_db()
    assert job.status == S.ASSIGNED
    _sign_in(phone.context, worker, live_server_url)
    phone.goto("/work/")
    expect(phone.locator(KEPT)).to_be_hidden()
    expect(phone.locator(".jobrow .tag").first).to_have_text("维修中")
    job.refresh_from_db()
    assert job.status == S.IN_WORK


def test_sign_out__by_the_button__removes_the_pages_from_the_phone(phone: Page, live_server_url: str) -> None:
    phone.goto("/me/")
    with phone.expect_navigation():
        phone.locator('form[action$="/sign-out/"] [type=submit]').click()
    assert phone.evaluate("() => caches.has('linli-work')") is False


def test_session_over__removes_the_pages_from_the_phone__and_keeps_what_was_entered(
    phone: Page, job: Repair, worker: User, live_server_url: str
) -> None:
    lose_signal(phone)
    press_without_signal(phone, "start")
    expect(phone.locator(KEPT)).to_contain_text("1 条记录已存在本机")
    find_signal(phone)
    phone.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    phone.goto("/work/")
    expect(phone).not_to_have_url(f"{live_server_url}/work/")
    assert phone.evaluate("() => caches.has('linli-work')") is False
    # The socket may come back without the session before the page is left.
    phone.troubles[:] = [one for one in phone.troubles if "403" not in one]  # type: ignore[attr-defined]
    _sign_in(phone.context, worker, live_server_url)
    phone.goto("/work/")
    expect(phone.locator(".jobrow .tag").first).to_have_text("维修中")


def hurry(page: Page) -> None:
    """What the server fails at is tried again twice, at once.

    Set as soon as the element is there: on a busy machine an answer may come before the last script of the page,
    which the end of loading waits for, and would then be tried again after half a minute.
    """
    page.add_init_script("""new MutationObserver((_changes, observer) => {
        const kept = document.getElementById("kept");
        if (!kept) return;
        kept.dataset.pauses = "0,0";
        observer.disconnect();
    }).observe(document, { childList: true, subtree: true })""")
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-live-state", "on")


def try_again(page: Page) -> None:
    """Tell the page that the signal is back; again if it was just being loaded anew."""
    with suppress(Error):
        page.evaluate("() => dispatchEvent(new Event('online'))")
        return
    page.wait_for_load_state("load")
    page.evaluate("() => dispatchEvent(new Event('online'))")


def write(page: Page, words: str) -> None:
    page.locator("#write > summary").click()
    page.locator("form[data-work=write] textarea").fill(words)
    press_without_signal(page, "write")


def test_server_error__of_one_entry__steps_aside__others_go_on__the_desk_sees_it(
    phone: Page, job: Repair, worker: User, new_page: Callable[..., Page]
) -> None:
    other = make_repair(estate=job.estate, status=S.ASSIGNED, worker=worker)
    tried = []

    def fail(route: Route) -> None:
        tried.append(route.request.url)
        route.fulfill(status=500, body="<h1>boom</h1>")

    phone.route(f"**/work/{job.pk}/write/", fail)
    hurry(phone)
    write(phone, "半小时后到")
    press_without_signal(phone, "start")
    phone.goto(f"/work/{other.pk}/")
    begun, button = phone.locator("[data-state=in_work]"), phone.locator("form[data-work=start]")
    for _try in range(4):
        # The page may be loaded anew in the moment of the press. What is on its way has no button any more; its
        # answer may come too late for a phone that then shows the copy that it kept.
        if button.is_visible():
            press(phone, "start")
        with suppress(AssertionError):
            expect(begun).to_be_visible(timeout=3000)
            break
        phone.goto(f"/work/{other.pk}/")
    expect(begun).to_be_visible()
    other.refresh_from_db()
    assert other.status == S.IN_WORK
    refused = phone.locator(".kept-one.refused")
    for _try in range(40):  # a try that is asked for while another goes on is no try of its own
        if refused.is_visible():
            break
        try_again(phone)
        phone.wait_for_timeout(150)
    expect(refused).to_contain_text("服务器出错（500）")
    expect(refused).to_contain_text("半小时后到")
    assert len(tried) == 3
    # What comes after it in the same job waits behind it.
    expect(phone.locator(".kept-one.waits")).to_contain_text("等上面那条处理好再发")
    job.refresh_from_db()
    assert job.status == S.ASSIGNED
    desk = new_page(user=make_staff(role=StaffRole.Role.DISPATCHER, estate=job.estate))
    desk.goto("/staff/repairs/")
    expect(desk.locator(f".worker[data-worker='{worker.pk}']")).to_contain_text(
        "维修工王强的手机上有 2 条记录没发出"
    )
    # The server is mended: both arrive, once each, and the desk sees nothing any more.
    phone.unroute(f"**/work/{job.pk}/write/")
    refused.get_by_role("button", name="重新发送").click()
    expect(phone.locator(KEPT)).to_be_hidden()
    expect(desk.locator(".worker").first).not_to_contain_text("未送出")
    job.refresh_from_db()
    assert job.status == S.IN_WORK
    assert [message.words for message in job.messages.all()] == ["半小时后到"]
    phone.troubles.clear()  # type: ignore[attr-defined]


def test_refused__mended_on_the_phone__arrives(phone: Page, job: Repair) -> None:
    Repair.objects.update(status=S.IN_WORK)
    phone.reload()
    lose_signal(phone)
    phone.locator("#quote > summary").click()
    form = phone.locator("form[data-work=quote]")
    form.locator("[name=price]").fill("12,34")
    form.locator("textarea").fill("换水龙头")
    press_without_signal(phone, "quote")
    find_signal(phone)
    refused = phone.locator(".kept-one.refused")
    expect(refused).to_contain_text("12.34 还是 1234")
    refused.get_by_role("button", name="修改").click()
    refused.locator("[name=price]").fill("12.34")
    refused.get_by_role("button", name="重新发送").click()
    expect(phone.locator(KEPT)).to_be_hidden()
    job.refresh_from_db()
    assert (job.quote_fen, job.quote_words) == (1234, "换水龙头")
    phone.troubles.clear()  # type: ignore[attr-defined]


def test_refused__given_up__what_waited_behind_it_goes_on(phone: Page, job: Repair) -> None:
    phone.route(f"**/work/{job.pk}/write/", lambda route: route.fulfill(status=403, body="no"), times=1)
    lose_signal(phone)
    write(phone, "半小时后到")
    press_without_signal(phone, "start")
    find_signal(phone)
    refused = phone.locator(".kept-one.refused")
    expect(refused).to_be_visible()
    job.refresh_from_db()
    assert job.status == S.ASSIGNED
    phone.once("dialog", lambda dialog: dialog.accept())
    refused.get_by_role("button", name="删掉").click()
    expect(phone.locator(KEPT)).to_be_hidden()
    job.refresh_from_db()
    assert job.status == S.IN_WORK
    phone.troubles.clear()  # type: ignore[attr-defined]
