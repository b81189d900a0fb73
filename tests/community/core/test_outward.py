"""Calls outward: to no address inside a network, whatever a name, a redirect or a second answer of the DNS says.

The attackers are servers on this machine; no test connects to another one.
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from community.core import clock, outward

TOLD: list[str] = []


class Other(BaseHTTPRequestHandler):
    """The other side, which does what its path says."""

    def do_GET(self) -> None:
        TOLD.append(self.path)
        if self.path == "/drip":
            self.wfile.write(b"HTTP/1.0 200 OK\r\nX-Drip: ")
            self.drip()
        self.send_response(302 if self.path == "/redirect" else 200)
        if self.path == "/redirect":
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        if self.path == "/cookie":
            self.send_header("Set-Cookie", "seen=1")
        if self.path == "/claims":
            self.send_header("Content-Length", str(10**9))
        self.end_headers()
        if self.path == "/huge":
            for _part in range(50):
                self.wfile.write(b"x" * 65536)
        elif self.path == "/slow":
            self.drip()
        else:
            self.wfile.write(f"{self.headers.get('Cookie')}".encode())

    def drip(self) -> None:
        for _byte in range(40):
            self.wfile.write(b"x")
            time.sleep(0.05)

    def log_message(self, *_args: Any) -> None:
        pass

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()


def served(server: ThreadingHTTPServer) -> Iterator[int]:
    server.handle_error = lambda *_args: None  # type: ignore[method-assign]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    yield from served(ThreadingHTTPServer(("127.0.0.1", 0), Other))


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A server with a certificate for localhost that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    coding = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(key.private_bytes(*coding) + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Other)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    for port in served(server):
        yield port, file


@pytest.fixture(autouse=True)
def nothing_told(settings: Any) -> None:
    TOLD.clear()
    settings.OUTWARD_INNER_HOSTS = ["127.0.0.1", "localhost"]


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answers for names, each a list that is used up; ``asked`` and ``connected`` say what was done with them."""
    state: dict[str, Any] = {"asked": [], "connected": [], "answers": {}}
    real = socket.getaddrinfo

    def look_up(host: str, *args: Any, **kwargs: Any) -> Any:
        if host not in state["answers"]:
            return real(host, *args, **kwargs)
        state["asked"].append(host)
        found = state["answers"][host].pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 443)) for one in found]

    def connect(address: tuple[str, int], *_args: Any, **_kwargs: Any) -> socket.socket:
        state["connected"].append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(outward.connection, "create_connection", connect)
    return state


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("100.100.100.200", "224.0.1.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1"),
        *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff0e::1", "fec0::1", "2001:db8::1"),
        *(
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
        ),
        *("64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "100::1"),
    ],
)
def test_address__inside_something__is_not_public(address: str):
    assert not outward.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["203.119.206.1", "2408:4000::1", "::ffff:203.119.206.1", "64:ff9b::808:808"]
)
def test_address__of_the_open_internet__is_public(address: str):
    assert outward.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["10.0.0.9"], ["203.119.206.1", "127.0.0.1"]])
def test_name__that_the_dns_puts_inside__is_not_connected_to(dns: dict[str, Any], answer: list[str]):
    dns["answers"]["pay.example.com"] = [answer]
    with pytest.raises(outward.OutwardError, match="inside a network"):
        outward.SESSION.get("https://pay.example.com/")
    assert dns["connected"] == []


def test_name__answered_otherwise_the_second_time__goes_to_the_address_looked_at(dns: dict[str, Any]):
    dns["answers"]["pay.example.com"] = [["203.119.206.1"], ["127.0.0.1"]]
    with pytest.raises(outward.OutwardError):
        outward.SESSION.get("https://pay.example.com/")
    assert dns["asked"] == ["pay.example.com"]
    assert dns["connected"] == ["203.119.206.1"]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://127.0.0.1:{port}/",
            "https://127.1:{port}/",
            "https://2130706433:{port}/",
            "https://[::1]:{port}/",
        ),
        *("https://[::ffff:127.0.0.1]:{port}/", "https://0:{port}/", "https://localhost:{port}/"),
        *(
            "http://pay.example.com/",
            "file:///etc/passwd",
            "ftp://127.0.0.1/",
            "https:///x",
            "//127.0.0.1:{port}/",
        ),
    ],
)
def test_address__of_this_machine_in_any_spelling__is_refused(port: int, settings: Any, url: str):
    settings.OUTWARD_INNER_HOSTS = []
    with pytest.raises(outward.OutwardError):
        outward.SESSION.get(url.format(port=port), timeout=1)
    assert TOLD == []


def test_inner_host__that_is_named__is_reached_but_for_secrets(dns: dict[str, Any], settings: Any):
    settings.OUTWARD_INNER_HOSTS = ["relay.example.com"]
    dns["answers"]["relay.example.com"] = [["10.0.0.9"], ["169.254.169.254"], ["100.100.100.200"]]
    for expected in (["10.0.0.9"], [], []):
        with pytest.raises(outward.OutwardError):
            outward.SESSION.get("http://relay.example.com/")
        assert dns["connected"] == expected
        dns["connected"].clear()


def test_redirect__to_the_machines_own_secrets__is_an_answer_and_not_followed(port: int):
    answer = outward.SESSION.get(f"http://127.0.0.1:{port}/redirect")
    assert (answer.status_code, answer.history) == (302, [])
    assert TOLD == ["/redirect"]


@pytest.mark.parametrize("path", ["/huge", "/claims"])
def test_answer__too_large__is_given_up(port: int, path: str):
    with pytest.raises(outward.AnswerTooLarge):
        outward.SESSION.get(f"http://127.0.0.1:{port}{path}")


@pytest.mark.parametrize("path", ["/slow", "/drip"])
def test_answer__byte_by_byte__ends_with_its_call(port: int, path: str):
    begun = time.monotonic()
    with pytest.raises(outward.OutwardError), outward.allowing(seconds=0.2, size=1000):
        outward.SESSION.get(f"http://127.0.0.1:{port}{path}", timeout=1)
    assert time.monotonic() - begun < 1


def test_cookie_and_proxy__of_others__are_not_used(port: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    for _again in range(2):
        assert outward.SESSION.get(f"http://127.0.0.1:{port}/cookie").text == "None"


def test_certificate__that_nobody_signed__is_refused(tls: tuple[int, Path]):
    with pytest.raises(outward.OutwardError, match="CERTIFICATE_VERIFY_FAILED"):
        outward.SESSION.get(f"https://localhost:{tls[0]}/")
    assert TOLD == []


def test_tls__with_a_certificate_we_trust__has_the_same_end(tls: tuple[int, Path], monkeypatch: Any):
    port, file = tls
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(file))
    assert outward.SESSION.get(f"https://localhost:{port}/").status_code == 200
    begun = time.monotonic()
    with pytest.raises(outward.OutwardError), outward.allowing(seconds=0.3, size=1000):
        outward.SESSION.get(f"https://localhost:{port}/slow", timeout=1)
    assert time.monotonic() - begun < 1


def test_belongs_to__a_domain_and_what_is_below_it():
    for url in ("https://alipay.com/x", "http://dwbillcenter.alipay.com:443/x", "https://A.ALIPAY.com./"):
        assert outward.belongs_to(url, ["alipay.com"])
    for url in (
        "https://alipay.com.evil.example/",
        "https://evilalipay.com/",
        "https://alipay.com@evil.example/",
        "https://[/",
    ):
        assert not outward.belongs_to(url, ["alipay.com"])
