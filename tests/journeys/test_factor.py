"""A colleague's first days: password, app, codes on paper; then a passkey; and a lock that the passkey opens."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import StaffRole
from tests.factories import PASSWORD, make_staff
from tests.support.browser import DESK
from tests.support.second_factor import code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NewPage = Callable[..., Page]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_passkeys(page: Page) -> None:
    """Gives the browser a device that says yes to every question."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def give_password(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}{reverse('staff_sign_in')}?next=/staff/residents/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")


def type_code(page: Page, code: str) -> None:
    page.locator("[name=code]").fill(code)
    page.locator("[name=code]").press("Enter")


def sign_out(page: Page) -> None:
    page.locator(f"form[action='{reverse('sign_out')}']").first.evaluate("form => form.requestSubmit()")
    expect(page.locator("[name=username]")).to_be_visible()


def test_factor__from_the_first_day_to_a_lock__app_paper_and_passkey(
    new_page: NewPage, live_server_url: str
) -> None:
    clerk = make_staff(role=StaffRole.Role.FRONT_DESK, name="吴燕")
    # Browsers make passkeys for a name only, not for an address of numbers.
    site = live_server_url.replace("127.0.0.1", "localhost")
    page = new_page(size=DESK)
    main = page.locator("main")
    with_passkeys(page)
    give_password(page, site, clerk.username)
    expect(page.get_by_role("heading", name="验证码应用")).to_be_visible()
    secret = page.locator("main code.num").inner_text().replace(" ", "")
    type_code(page, code_of(secret))
    expect(page.locator(".paper-codes li")).to_have_count(10)
    paper = page.locator(".paper-codes li").first.inner_text()
    # What was forced stays forced: another address leads back.
    page.goto(f"{site}/staff/residents/")
    expect(page.locator("[name=username]")).to_be_visible()
    give_password(page, site, clerk.username)
    type_code(page, code_of(secret, steps=1))
    expect(page).to_have_url(f"{site}/staff/residents/")
    # Later a passkey, on one's own page.
    page.goto(f"{site}{reverse('staff_factors')}")
    page.locator("[data-passkey=create] button").click()
    expect(main.locator(".rows li")).to_have_count(2)
    sign_out(page)
    give_password(page, site, clerk.username)
    page.locator("[data-passkey=get] button").click()
    expect(page).to_have_url(f"{site}/staff/residents/")
    sign_out(page)
    # The phone stayed at home.
    give_password(page, site, clerk.username)
    type_code(page, paper)
    expect(page).to_have_url(f"{site}/staff/residents/")
    # Half an hour without anybody: the page is empty, another tab is locked too, what was typed comes back.
    page.clock.install()
    page.reload()
    page.locator("[name=words]").fill("王秀英")
    page.clock.fast_forward("31:00")
    expect(page.locator("[name=words]")).to_have_count(0)
    assert page.request.get(f"{site}/staff/", max_redirects=0).status == 302
    page.locator("[data-factor] [data-passkey=get] button").click()
    expect(page.locator("[name=words]")).to_have_value("王秀英")
    assert page.request.get(f"{site}/staff/residents/", max_redirects=0).status == 200
    assert set(Authenticator.objects.values_list("type", flat=True)) == {"totp", "webauthn", "recovery_codes"}
    # The other name of this machine is all that the page asked besides.
    page.troubles[:] = [one for one in page.troubles if site not in one]  # type: ignore[attr-defined]
