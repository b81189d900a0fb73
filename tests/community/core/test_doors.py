"""Headers against other sites, cookies that no other host can set, and what browsers report."""

import json
import logging
import os
import re
import subprocess
import sys

import pytest
from django.test import Client
from django.urls import reverse

PAGES = ("/", "/sign-in/", "/static/js/app.js", "/nowhere/", "/api/v1/me/")


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_answer__of_any_kind__keeps_other_sites_out(client, address):
    headers = client.get(address).headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "microphone=(self)" in headers["Permissions-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.django_db
@pytest.mark.parametrize("address", [one for one in PAGES if not one.startswith("/static/")])
def test_page__of_any_kind__loads_and_runs_nothing_but_files_of_ours(client, address):
    headers = client.get(address).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert {policy[name] for name in ("object-src", "base-uri", "frame-ancestors")} == {"'none'"}
    # Scripts and styles are those of the default: files of ours, nothing written into a page.
    assert not {"script-src", "style-src"} & set(policy)


@pytest.mark.django_db
def test_page__names_where_reports_go(client):
    assert f"report-uri {reverse('csp_report')}" in client.get("/").headers["Content-Security-Policy"]


OLD = {
    "csp-report": {
        "violated-directive": "script-src",
        "blocked-uri": "https://evil.example/x?who=1",
        "document-uri": "http://h/me/?q=王",
    }
}
NEW = [
    {"body": {"effectiveDirective": "img-src", "blockedURL": "inline", "documentURL": "http://h/p/"}},
]


@pytest.mark.parametrize(
    ("sent", "logged"),
    [
        (OLD, "csp: script-src stopped https://evil.example/x on http://h/me/"),
        (NEW, "csp: img-src stopped inline on http://h/p/"),
    ],
)
def test_report__is_logged_without_queries(caplog, sent, logged):
    with caplog.at_level(logging.WARNING, logger="community.core.doors"):
        answer = Client().post(reverse("csp_report"), json.dumps(sent), content_type="application/csp-report")
    assert answer.status_code == 204
    assert caplog.messages == [logged]


@pytest.mark.parametrize("sent", ["", "{", "[1, null]", '"x"', '{"csp-report": 3}', "[" * 5000, "x" * 50_000])
def test_report__that_is_none__logs_nothing(caplog, sent):
    answer = Client().post(reverse("csp_report"), sent, content_type="application/csp-report")
    assert answer.status_code == 204
    assert [one for one in caplog.messages if "csp:" in one] == []


def test_report__with_line_breaks__stays_on_one_line(caplog):
    sent = {"csp-report": {"violated-directive": "a\nERROR forged", "blocked-uri": "b", "document-uri": "c"}}
    Client().post(reverse("csp_report"), json.dumps(sent), content_type="application/csp-report")
    assert "\n" not in caplog.messages[0]


def test_reports__without_end__are_stopped():
    for _n in range(60):
        Client().post(reverse("csp_report"), "{}", content_type="application/csp-report")
    assert (
        Client().post(reverse("csp_report"), "{}", content_type="application/csp-report").status_code == 429
    )


OVER_HTTPS = """
from community import settings as s
print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS >= 31_536_000)
print(s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE)
"""


def test_settings__over_https__let_no_other_host_set_cookies_and_nothing_go_in_clear():
    given = os.environ | {"HTTPS": "1", "DEMO": "1"}
    said = subprocess.run(
        [sys.executable, "-c", OVER_HTTPS], env=given, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["__Host-sessionid", "__Host-csrftoken", *["True"] * 6]


def test_cookies__of_mode_and_language__are_secure_and_read_by_no_script(client, settings):
    settings.SESSION_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = True
    client.get("/sign-in/?mode=large")
    client.post(reverse("set_language"), {"language": "en"})
    for name in ("mode", settings.LANGUAGE_COOKIE_NAME):
        cookie = client.cookies[name]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")


def test_log__of_any_line__says_the_offset_of_its_time(settings):
    given = settings.LOGGING["formatters"]["line"]
    formatter = logging.Formatter(given["format"], given["datefmt"], given["style"])
    line = formatter.format(
        logging.makeLogRecord({"levelname": "INFO", "name": "x", "number": "-", "msg": "y"})
    )
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} INFO x \[-\] y$", line)
