"""Keeps a form that was sent after the session ended, and fills it in again after signing in.

A page's form belongs to the person for whom it was made: its CSRF secret is new with each sign-in, and an
encrypted cookie maps secrets to people. Other people at the same device never see the words.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware import csrf
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django.utils.datastructures import MultiValueDict
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure as plain_csrf_failure

from accounts.models import User
from accounts.policies import is_staff_person
from community.core import clock, interrupted_forms, limits
from community.core.encryption import blind_index, decrypt, encrypt
from community.core.errors import ActionError
from community.core.interrupted_forms import InterruptedForm
from community.core.limit_table import PAGE_WRITES
from community.core.refill import refill
from community.core.traces import is_traceless

COOKIE = "form_owner"
# Number of people remembered for a browser; older forms belong to no one.
MAX_OWNERS = 4
SIGN_IN_PAGES = {
    *("sign_in", "sign_in_code", "sign_in_again", "sign_out", "login", "logout"),
    *("staff_sign_in", "staff_factor", "staff_factor_setup"),
}
ANCHOR = "unsent"
# End of the names of hidden fields with the pictures that have gone up while the words are written.
EARLY = "_early"
unmask: Callable[[str], str] = csrf._unmask_cipher_token  # type: ignore[attr-defined]  # noqa: SLF001
SESSION_AGE = int(interrupted_forms.KEPT_FOR.total_seconds())


class InterruptedFormMiddleware:
    """Keeps what was sent after the session ended and shows it again to the same person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.user.is_authenticated:
            return keep_and_ask(request, response)
        forms = _waiting(request)
        if forms:
            response = _refill_forms(request, response, forms)
        if request.method == "GET" and response.status_code == 405:
            response = _redirect_to_page(request, response, forms)
        _remember_owner(request, response)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """Adds the kept files to the form that is sent again."""
        if request.method != "POST" or not request.user.is_authenticated:
            return
        for form in _waiting(request):
            if form.address == request.path:
                _add_files(request, form, set(request.POST.getlist(interrupted_forms.FILE_FIELD)))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Keeps a form of an ended session and asks to sign in; other failures get Django's own page."""
    is_old_form = reason.startswith("CSRF token from") or reason == csrf.REASON_NO_CSRF_COOKIE
    owner = _owner(request) if is_old_form and request.resolver_match is not None else None
    if owner is None or (request.user.is_authenticated and request.user.pk != owner.pk):
        return plain_csrf_failure(request, reason)
    page = page_of_form(request)
    is_signed_out = not request.user.is_authenticated
    if not _keep(request, owner, page, is_signed_out=is_signed_out):
        return plain_csrf_failure(request, reason)
    request.is_refused = True  # type: ignore[attr-defined]
    return _to_sign_in(request, owner, page) if is_signed_out else redirect(f"{page}#{ANCHOR}")


def keep_and_ask(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Keeps a form sent by a signed-out person; the sign-in page leads back to it."""
    is_asked = response.status_code == 302 and _is_sign_in(response["Location"])
    if request.method != "POST" or not is_asked or _is_excluded(request):
        return response
    owner = _owner(request)
    if owner is None:
        return response
    page = page_of_form(request)
    _keep(request, owner, page, is_signed_out=True)
    return _to_sign_in(request, owner, page)


def set_aside(request: HttpRequest, person: User, page: str, *, is_signed_out: bool = False) -> None:
    """Keeps what is typed in the form of ``page`` while the person goes elsewhere for a moment; no files.

    Coming back within the hour, the form is filled in. A page without traces leaves nothing here either.
    Raises ``TooMany`` when the person writes as fast as no person does.
    """
    path = urlsplit(page).path
    fields = interrupted_forms.typed_fields(request.POST)
    if not any(any(values) for values in fields.values()) or is_traceless_path(path):
        return
    limits.hit(PAGE_WRITES, person.pk)
    interrupted_forms.keep(
        request.session,
        fields=fields,
        files=MultiValueDict(),
        now=clock.now(),
        person=person.pk,
        address=path,
        page=page,
        is_signed_out=is_signed_out,
        is_set_aside=True,
    )


def set_aside_until_signed_in(request: HttpRequest, page: str) -> HttpResponse:
    """Asks to sign in; keeps the form of ``page`` for the person for whom it was made."""
    owner = _owner(request)
    if owner is None:
        return redirect_to_login(page)
    set_aside(request, owner, page, is_signed_out=True)
    request.session.set_expiry(SESSION_AGE)
    return _to_sign_in(request, owner, page)


def is_traceless_path(path: str) -> bool:
    """Whether the page at ``path`` leaves no trace; also true if there is no such page."""
    try:
        return is_traceless(resolve(path).func)
    except Resolver404:
        return True


def set_aside_for(request: HttpRequest, page: str) -> InterruptedForm | None:
    """Returns what the person has set aside of the form of ``page``."""
    path = urlsplit(page).path
    return next((one for one in _waiting(request) if one.is_set_aside and one.address == path), None)


def _is_excluded(request: HttpRequest) -> bool:
    match = request.resolver_match
    if match is None or match.url_name in SIGN_IN_PAGES or is_traceless(match.func):
        return True
    accepted = request.headers.get("Accept", "*/*")
    is_page = "text/html" in accepted or "*/*" in accepted
    return not is_page or request.path.startswith("/api/") or getattr(match.func, "csrf_exempt", False)


def _redirect_to_page(
    request: HttpRequest, response: HttpResponseBase, forms: list[InterruptedForm]
) -> HttpResponseBase:
    """Redirects to the page above when signing in led to an address that only takes forms."""
    sent = [form for form in forms if form.address == request.path]
    if not sent and not _has_just_signed_in(request):
        return response
    page = _page_above(request.path)
    for form in sent:
        interrupted_forms.move_to(request.session, form, page)
    return redirect(f"{page}#{ANCHOR}")


def _has_just_signed_in(request: HttpRequest) -> bool:
    """Whether the request came from a sign-in page."""
    came_from = request.headers.get("Referer", "")
    return _is_sign_in(came_from) or urlsplit(came_from).path == reverse("sign_in_code")


def _is_sign_in(location: str) -> bool:
    return urlsplit(location).path in {reverse("sign_in"), reverse("staff_sign_in"), reverse("admin:login")}


def _keep(request: HttpRequest, owner: User, page: str, *, is_signed_out: bool) -> bool:
    fields = interrupted_forms.typed_fields(request.POST)
    if _is_excluded(request) or not (fields or request.FILES):
        return False
    try:
        limits.hit(PAGE_WRITES, owner.pk)
    except ActionError:
        return False
    interrupted_forms.keep(
        request.session,
        fields=fields,
        files=request.FILES,
        now=clock.now(),
        person=owner.pk,
        address=request.path,
        page=page,
        is_signed_out=is_signed_out,
    )
    if is_signed_out:
        request.session.set_expiry(SESSION_AGE)
        messages.info(request, _("You have been signed out. What you wrote is kept: sign in to go on."))
    return True


def _to_sign_in(request: HttpRequest, owner: User, page: str) -> HttpResponse:
    door = "staff_sign_in" if is_staff_person(owner) else "sign_in"
    return redirect(f"{reverse(door)}?{urlencode({'next': f'{page}#{ANCHOR}'})}")


def page_of_form(request: HttpRequest) -> str:
    """Returns the page on which the form stood, or else the address to which it was sent."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    parts = urlsplit(came_from)
    if not is_ours or not parts.netloc or _is_sign_in(parts.path):
        return request.get_full_path()
    return urlunsplit(("", "", parts.path, parts.query, ""))


def _page_above(path: str) -> str:
    """Returns the nearest existing page above an address that only takes forms."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        try:
            resolve(path)
        except Resolver404:
            continue
        return path
    return path


# -- Owner of the form


def _owners(request: HttpRequest) -> dict[str, int]:
    try:
        found: dict[str, int] = json.loads(decrypt(request.COOKIES.get(COOKIE, ""), column=COOKIE))
    except (InvalidTag, KeyError, ValueError):
        return {}
    return found


def _remember_owner(request: HttpRequest, response: HttpResponseBase) -> None:
    secret = request.META.get("CSRF_COOKIE")
    if not secret:
        return
    owners, key = _owners(request), blind_index(secret)[:16]
    person = int(request.user.pk or 0)
    if owners.get(key) == person:
        return
    owners.pop(key, None)
    owners = dict(list({**owners, key: person}.items())[-MAX_OWNERS:])
    response.set_cookie(  # type: ignore[attr-defined]
        COOKIE,
        encrypt(json.dumps(owners), column=COOKIE),
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _owner(request: HttpRequest) -> User | None:
    """Returns the person who was signed in when the form's page was made.

    A form without a token, accepted only by views without a CSRF check, belongs to the last person signed in
    here.
    """
    owners = _owners(request)
    token = request.POST.get("csrfmiddlewaretoken") or request.headers.get("X-CSRFToken", "")
    try:
        secret = unmask(token) if len(token) == csrf.CSRF_TOKEN_LENGTH else token
    except ValueError:
        return None
    key = owners.get(blind_index(secret)[:16]) if token else next(reversed(owners.values()), None)
    return User.objects.filter(pk=key, is_active=True).first() if key else None


# -- Showing it again


def _waiting(request: HttpRequest) -> list[InterruptedForm]:
    if interrupted_forms.KEY not in request.session:
        return []
    return interrupted_forms.waiting(request.session, person=int(request.user.pk or 0), now=clock.now())


def _add_files(request: HttpRequest, form: InterruptedForm, wanted: set[str]) -> None:
    """Puts the kept files before newly chosen ones, so that the new one counts where a single file is asked."""
    for file in reversed(form.files):
        if file.key in wanted:
            try:
                kept = interrupted_forms.as_upload(file)
            except FileNotFoundError:
                continue
            request.FILES.setlist(file.field, [kept, *request.FILES.getlist(file.field)])


def _refill_forms(
    request: HttpRequest, response: HttpResponseBase, forms: list[InterruptedForm]
) -> HttpResponseBase:
    is_page = isinstance(response, HttpResponse) and response.get("Content-Type", "").startswith("text/html")
    if request.method == "POST":
        sent = [form for form in forms if form.address == request.path]
        if response.status_code in {302, 303} and not getattr(request, "is_refused", False):
            for form in sent:
                interrupted_forms.discard(request.session, form)
        elif isinstance(response, HttpResponse) and is_page and response.status_code != 403:
            for form in (one for one in sent if one.files):
                _fill(request, response, form, {})
    elif isinstance(response, HttpResponse) and is_page and response.status_code == 200:
        for form in forms:
            if request.path in {form.address, urlsplit(form.page).path}:
                _fill_kept(request, response, form)
    return response


def _fill_kept(request: HttpRequest, response: HttpResponse, form: InterruptedForm) -> None:
    try:
        _fill(request, response, form, form.fields())
    except FileNotFoundError:
        interrupted_forms.discard(request.session, form)


def _fill(
    request: HttpRequest, response: HttpResponse, form: InterruptedForm, fields: dict[str, list[str]]
) -> None:
    """Fills the words into the page's form; if the form is gone, shows them for copying."""
    context = {
        "form": form,
        "is_resent": not fields,
        "is_quiet": form.is_set_aside and not form.is_signed_out,
    }
    fill_form(request, response, form.address, fields, context)


def fill_form(
    request: HttpRequest,
    response: HttpResponse,
    address: str,
    fields: dict[str, list[str]],
    context: dict[str, Any],
) -> None:
    """Fills ``fields`` into the form of the page that is sent to ``address``, below a note made of ``context``.

    If the form is gone, the note shows the words for copying.
    """
    html = response.content.decode(response.charset)
    form = context.get("form")
    files = {file.field for file in form.files} if form else set()
    early = [(name, one) for name, values in fields.items() if name.endswith(EARLY) for one in values if one]
    context = context | {"early": early}

    def filled(note: str) -> Any:
        return refill(html, page=request.path, address=address, fields=fields, files=files, note=note)

    done = filled(render_to_string("components/interrupted_form.html", context))
    if not done.is_found:
        context["words"] = words_of(fields)
        if context["is_quiet"] and not context["words"]:
            return
        done = filled(render_to_string("components/interrupted_form.html", context | {"is_gone": True}))
    response.content = done.html.encode(response.charset)


def words_of(fields: dict[str, list[str]]) -> list[str]:
    """Returns those values that are words of a person rather than keys of choices."""
    return [text for values in fields.values() for text in values if _is_text(text)]


def _is_text(value: str) -> bool:
    """Whether the value is words of a person rather than the key of a choice."""
    return (len(value) > 1 and not value.isascii()) or " " in value.strip()
