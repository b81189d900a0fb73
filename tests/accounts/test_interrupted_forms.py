"""A session that ends while somebody types: after signing in again the form comes back filled in."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts.models import StaffRole, User
from community.core import clock, interrupted_forms
from services.repairs.models import RepairDraft
from tests.factories import (
    PASSWORD,
    make_cashier,
    make_category,
    make_estate,
    make_payment,
    make_repair,
    make_resident,
    make_staff,
)
from tests.support.page_forms import Forms
from tests.support.photos import halves, packed
from tests.support.second_factor import app_code, set_up_app


@pytest.fixture
def browser(db: None) -> Client:
    return Client(enforce_csrf_checks=True)


def make_draft(resident: User) -> RepairDraft:
    home = resident.residencies.get().home
    category = make_category(estate=home.estate)
    return RepairDraft.objects.create(
        estate=home.estate,
        resident=resident,
        begun_by=resident,
        home=home,
        category=category,
        created_at=clock.now(),
    )


def open_form(browser: Client, url: str, action: str) -> dict[str, Any]:
    """What the page's form for this action would send; the browser has been on the page."""
    html = browser.get(url).content.decode()
    for form in Forms(html).found:
        if urlsplit(urljoin(url, form["action"])).path == action:
            return {name: value for name, kind, value, _on in form["controls"] if kind == "hidden"}
    raise AssertionError(f"no form for {action} at {url}")


def lose_session(browser: Client) -> None:
    browser.cookies.pop(settings.SESSION_COOKIE_NAME)


def send(browser: Client, url: str, action: str, **typed: Any) -> Any:
    """Send the form as it stands in the page, filled in, after the session's end."""
    hidden = open_form(browser, url, action)
    lose_session(browser)
    return browser.post(action, hidden | typed, headers={"referer": f"http://testserver{url}"})


def sign_in_staff(browser: Client, page: str, user: User) -> Any:
    form = open_form(browser, page, urlsplit(page).path)
    typed = {"username": user.username, "password": PASSWORD}
    set_up_app(user)
    asked = browser.post(urlsplit(page).path, {**form, **typed})["Location"]
    return browser.post(asked, {**open_form(browser, asked, asked), "code": app_code(user)})


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("漏水.jpg", packed(halves(), "JPEG").getvalue(), content_type="image/jpeg")


def test_report__session_over__words_and_pictures_come_back(browser: Client, codes: list[Any]) -> None:
    resident = make_resident(name="王秀英")
    browser.force_login(resident)
    draft = make_draft(resident)
    url = reverse("report_words", args=[draft.pk])
    answer = send(browser, url, url, description="厨房水管漏水", pictures=picture())
    assert answer["Location"].startswith(reverse("sign_in") + "?next=")
    asked = browser.get(answer["Location"]).content.decode()
    assert "您填写的内容已保留" in asked
    form = open_form(browser, answer["Location"], reverse("sign_in"))
    browser.post(reverse("sign_in"), {**form, "phone": resident.phone.removeprefix("+86")})
    form = open_form(browser, reverse("sign_in_code"), reverse("sign_in_code"))
    done = browser.post(reverse("sign_in_code"), {**form, "code": codes[-1]["code"]})
    assert done["Location"] == f"{url}#unsent"
    page = browser.get(url).content.decode()
    assert "刚才登录已失效。您填写的内容还在，请再提交一次" in page
    assert "厨房水管漏水</textarea>" in page
    assert "漏水.jpg" in page
    assert not draft.pictures.exists()
    [kept] = re.findall(r'name="unsent_file"\s+value="(\w+)"', page)
    again = {**open_form(browser, url, url), "description": "厨房水管漏水", "unsent_file": kept}
    assert browser.post(url, again)["Location"] == reverse("report_check", args=[draft.pk])
    assert draft.pictures.count() == 1
    assert interrupted_forms.KEY not in browser.session
    assert "unsent_file" not in browser.get(url).content.decode()


def test_files__form_sent_again_with_a_fault__are_still_there(browser: Client) -> None:
    resident = make_resident()
    browser.force_login(resident)
    url = reverse("report_words", args=[make_draft(resident).pk])
    send(browser, url, url, description="漏水", pictures=picture())
    browser.force_login(resident)
    [kept] = re.findall(r'name="unsent_file"\s+value="(\w+)"', browser.get(url).content.decode())
    bad = {**open_form(browser, url, url), "description": "长" * 3000, "unsent_file": kept}
    answer = browser.post(url, bad)
    assert answer.status_code == 422
    assert kept in answer.content.decode()
    assert "您选的文件还在" in answer.content.decode()


def test_staff_answer__session_over__comes_back_after_the_password(browser: Client) -> None:
    repair = make_repair()
    desk = make_staff(role=StaffRole.Role.DISPATCHER, estate=repair.estate, username="zhou")
    browser.force_login(desk)
    url, action = reverse("board_repair", args=[repair.pk]), reverse("board_act", args=[repair.pk, "decline"])
    answer = send(browser, url, action, reason="这是外墙，请联系施工方 <王工>")
    assert answer["Location"].startswith(reverse("staff_sign_in"))
    assert sign_in_staff(browser, answer["Location"], desk)["Location"] == f"{url}#unsent"
    page = browser.get(url).content.decode()
    assert "这是外墙，请联系施工方 &lt;王工&gt;</textarea>" in page
    repair.refresh_from_db()
    assert repair.status == repair.Status.NEW


def test_kept__another_person_signs_in__is_never_shown_and_gone(browser: Client) -> None:
    repair = make_repair()
    first, second = (make_staff(role=StaffRole.Role.DISPATCHER, estate=repair.estate) for _ in range(2))
    browser.force_login(first)
    url, action = reverse("board_repair", args=[repair.pk]), reverse("board_act", args=[repair.pk, "decline"])
    answer = send(browser, url, action, reason="只有我能看")
    [stored] = [one["words"] for one in browser.session[interrupted_forms.KEY]]
    sign_in_staff(browser, answer["Location"], second)
    assert "只有我能看" not in browser.get(url).content.decode()
    assert not default_storage.exists(stored)
    browser.force_login(first)
    assert "只有我能看" not in browser.get(url).content.decode()


def test_old_page__signed_in_again_in_another_tab__comes_back(browser: Client) -> None:
    repair = make_repair()
    desk = make_staff(role=StaffRole.Role.DISPATCHER, estate=repair.estate)
    browser.force_login(desk)
    url, action = reverse("board_repair", args=[repair.pk]), reverse("board_act", args=[repair.pk, "decline"])
    old = open_form(browser, url, action)
    lose_session(browser)
    sign_in_staff(browser, reverse("staff_sign_in"), desk)
    sent = {**old, "reason": "不归物业修"}
    answer = browser.post(action, sent, headers={"referer": f"http://testserver{url}"})
    assert answer["Location"] == f"{url}#unsent"
    assert "不归物业修</textarea>" in browser.get(url).content.decode()


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"referer": "https://evil.example/"}]
)
def test_form_of_another_site__is_never_kept(browser: Client, headers: dict[str, str]) -> None:
    repair = make_repair()
    desk = make_staff(role=StaffRole.Role.DISPATCHER, estate=repair.estate)
    browser.force_login(desk)
    browser.get(reverse("board_repair", args=[repair.pk]))
    action = reverse("board_act", args=[repair.pk, "decline"])
    forged = {"csrfmiddlewaretoken": "a" * 64, "reason": "别人的话"}
    assert browser.post(action, forged, headers=headers).status_code == 403
    assert interrupted_forms.KEY not in browser.session


def test_refund__session_over__leads_back_to_the_page_with_its_form(browser: Client) -> None:
    """The address only takes the form: a bare 405 before."""
    payment = make_payment(paid=True)
    cashier = make_cashier(estate=payment.estate, username="chen")
    browser.force_login(cashier)
    url, action = reverse("fees_payment", args=[payment.pk]), reverse("fees_refund", args=[payment.pk])
    hidden = {"csrfmiddlewaretoken": open_form(browser, url, reverse("sign_out"))["csrfmiddlewaretoken"]}
    lose_session(browser)
    typed = {**hidden, "reason": "多收了"}
    answer = browser.post(action, typed, headers={"referer": f"http://testserver{url}"})
    assert sign_in_staff(browser, answer["Location"], cashier)["Location"] == f"{url}#unsent"
    assert "多收了" in browser.get(url).content.decode()


def test_address_of_a_form__after_signing_in_without_knowing_its_page__leads_to_the_page_above(
    browser: Client,
) -> None:
    payment = make_payment(paid=True)
    browser.force_login(make_cashier(estate=payment.estate))
    action = reverse("fees_refund", args=[payment.pk])
    came_from = {"referer": f"http://testserver{reverse('staff_sign_in')}?next={action}"}
    page = reverse("fees_payment", args=[payment.pk])
    assert browser.get(action, headers=came_from)["Location"] == f"{page}#unsent"
    assert browser.get(action).status_code == 405


def test_refund__session_over__browser_that_names_no_page__leads_to_the_page_above(browser: Client) -> None:
    payment = make_payment(paid=True)
    cashier = make_cashier(estate=payment.estate, username="chen")
    browser.force_login(cashier)
    url, action = reverse("fees_payment", args=[payment.pk]), reverse("fees_refund", args=[payment.pk])
    form = open_form(browser, url, reverse("sign_out"))
    Session.objects.all().delete()
    answer = browser.post(action, {**form, "reason": "多收了"})
    led = sign_in_staff(browser, answer["Location"], cashier)
    assert led["Location"] == f"{action}#unsent"
    assert browser.get(action)["Location"] == f"{url}#unsent"
    assert "多收了" in browser.get(url).content.decode()


def test_secrets__of_any_form__are_not_kept() -> None:
    post = QueryDict(
        "password1=a&code=123456&csrfmiddlewaretoken=x&old_password=b&pin=1234&card=62&reason=ok"
    )
    assert interrupted_forms.typed_fields(post) == {"reason": ["ok"]}


def test_kept__after_an_hour__is_gone(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests leave forms of other days.
    interrupted_forms.forget_old(now=clock.now())
    resident = make_resident()
    browser.force_login(resident)
    url = reverse("report_words", args=[make_draft(resident).pk])
    send(browser, url, url, description="厨房水管漏水", pictures=picture())
    kept = browser.session[interrupted_forms.KEY][0]
    stored = [kept["words"], *(file["stored"] for file in kept["files"])]
    assert b"\xe6" not in default_storage.open(stored[0]).read()
    later = clock.now() + timedelta(hours=3)
    assert interrupted_forms.forget_old(now=clock.now() + timedelta(minutes=59)) == 0
    assert interrupted_forms.forget_old(now=later) >= 2
    assert not any(default_storage.exists(name) for name in stored)
    browser.force_login(resident)
    page = browser.get(url)
    assert page.status_code == 200
    assert "厨房水管漏水" not in page.content.decode()


def test_kept__more_than_three_forms__the_oldest_goes(browser: Client) -> None:
    resident = make_resident()
    drafts = [make_draft(resident) for _ in range(5)]
    browser.force_login(resident)
    urls = [reverse("report_words", args=[draft.pk]) for draft in drafts]
    forms = [open_form(browser, url, url) for url in urls]
    lose_session(browser)
    for url, form in zip(urls, forms, strict=True):
        browser.post(url, {**form, "description": "漏水"}, headers={"referer": f"http://testserver{url}"})
    assert [one["address"] for one in browser.session[interrupted_forms.KEY]] == urls[2:]


def test_office_form__session_over__comes_back(browser: Client) -> None:
    estate = make_estate()
    boss = User.objects.create_superuser(username="admin9", password=PASSWORD, name="管理员")
    browser.force_login(boss)
    url = reverse("admin:estates_estate_change", args=[estate.pk])
    send(browser, url, url, name="幸福里小区二期")
    browser.force_login(boss)
    page = browser.get(url).content.decode()
    assert 'value="幸福里小区二期"' in page
    assert "请再提交一次" in page
