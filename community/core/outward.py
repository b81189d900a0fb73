"""Calls outward: the one way in which the server asks other machines over HTTP.

Each call goes to a public address by HTTPS, or to a host that the operator names in ``OUTWARD_INNER_HOSTS``. A
name is resolved once, all its addresses are looked at, and the connection is made to one of these, so that a
second answer of the DNS changes nothing. Redirects are not followed, proxies and ``.netrc`` of the environment not
used, no cookie is kept. A call has an end and its answer a size, whatever the other side does.

The SDKs of providers make their calls through ``SESSION`` too; ``tests/test_architecture.py`` names them.
"""

import ipaddress
import math
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util import connection, create_urllib3_context

OutwardError = requests.RequestException
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Seconds until each answer of the socket, where a call names none.
TIMEOUT_SECONDS = 3
CHUNK = 64 * 1024
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# IPv6 addresses that stand for the IPv4 address in their last 32 bits, at networks without IPv4.
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Machines in a cloud ask these for their own secrets; Alibaba's is among the shared addresses of providers.
METADATA = {ipaddress.ip_address(text) for text in ("169.254.169.254", "100.100.100.200", "fd00:ec2::254")}


class Limits(NamedTuple):
    """Seconds of a whole call, and bytes of its answer, unpacked."""

    seconds: float = 20
    size: int = 1024 * 1024


DEFAULT = Limits()
_limits: ContextVar[Limits] = ContextVar("outward_limits", default=DEFAULT)
_ends_at: ContextVar[float] = ContextVar("outward_ends_at", default=math.inf)


class CallRefused(OutwardError):
    """Raised for an address to which the server does not go."""


class AnswerTooLarge(OutwardError):
    """Raised for an answer of more bytes than its call allows."""


class AddressRefused(NewConnectionError):
    """Raised for a name with an address inside a network; ``requests`` makes a ``ConnectionError`` of it."""


@contextmanager
def allowing(*, seconds: float, size: int) -> Iterator[None]:
    """Sets the limits of the calls within, such as those of an SDK that downloads a statement."""
    token = _limits.set(Limits(seconds, size))
    try:
        yield
    finally:
        _limits.reset(token)


def belongs_to(url: str, domains: Iterable[str]) -> bool:
    """Says whether an address that somebody sent is at one of these domains or below it."""
    host = _host(url)
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def is_public(address: Address) -> bool:
    """Says whether an address is one of the open Internet: none of a machine, a network or a provider's inside."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inside is not None:
            return is_public(inside)
        if address not in GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast


def _may_go_to(address: Address, host: str) -> bool:
    if is_public(address):
        return True
    is_never = address in METADATA or address.is_link_local or address.is_multicast or address.is_unspecified
    return _is_inner(host) and not is_never


def _is_inner(host: str) -> bool:
    return host in settings.OUTWARD_INNER_HOSTS


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _resolve(host: str, port: int) -> list[str]:
    """Returns the addresses of a name. Raises ``socket.gaierror``, and ``PermissionError`` if one is inside."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    texts = list(dict.fromkeys(str(row[4][0]) for row in found))
    for text in texts:
        if not _may_go_to(ipaddress.ip_address(text.partition("%")[0]), host):
            raise PermissionError(f"{host} is at {text}, inside a network")
    return texts


class _Timed:
    """A socket that gives what has come until ``ends_at``, however slowly the other side writes."""

    ends_at = math.inf

    def recv_into(self: Any, *args: Any, **kwargs: Any) -> int:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call takes too long")
        self.settimeout(min(left, self.gettimeout() or left))
        return int(super().recv_into(*args, **kwargs))  # type: ignore[misc]


class _TimedSocket(_Timed, socket.socket):
    pass


class _TimedTLS(_Timed, ssl.SSLSocket):
    pass


class _Checked:
    """A connection to an address that was looked at."""

    def _new_conn(self: Any) -> socket.socket:
        # A trailing dot keeps the resolver from adding domains of its own.
        name, timeout = self._dns_host, self.timeout
        try:
            addresses = _resolve(name.rstrip("."), self.port)
        except socket.gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except (PermissionError, ValueError) as error:
            raise AddressRefused(self, str(error)) from error
        problem: OSError | None = None
        for address in addresses:
            try:
                made = connection.create_connection(
                    (address, self.port), timeout, socket_options=self.socket_options
                )
                return _timed(made)
            except OSError as error:
                problem = error
            if time.monotonic() > _ends_at.get():
                break
        if isinstance(problem, TimeoutError):
            raise ConnectTimeoutError(self, f"{name} timed out") from problem
        raise NewConnectionError(self, f"{name}: {problem}") from problem

    def connect(self: Any) -> None:
        super().connect()  # type: ignore[misc]
        self.sock.ends_at = _ends_at.get()


def _timed(made: socket.socket) -> socket.socket:
    timeout = made.gettimeout()
    timed = _TimedSocket(made.family, made.type, made.proto, fileno=made.detach())
    timed.settimeout(timeout)
    return timed


class _HTTP(_Checked, HTTPConnection):
    pass


class _HTTPS(_Checked, HTTPSConnection):
    pass


class _Once:
    """A pool that keeps no connection: the end of a connection is that of its call."""

    def _put_conn(self: Any, conn: Any) -> None:
        if conn is not None:
            conn.close()
        super()._put_conn(None)  # type: ignore[misc]


class _HTTPPool(_Once, HTTPConnectionPool):
    ConnectionCls = _HTTP  # type: ignore[assignment]


class _HTTPSPool(_Once, HTTPSConnectionPool):
    ConnectionCls = _HTTPS  # type: ignore[assignment]


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = create_urllib3_context()
        context.sslsocket_class = _TimedTLS
        super().init_poolmanager(*args, ssl_context=context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}


class OutwardSession(requests.Session):
    """A session of ``requests`` whose calls keep the rules of this module; usable by several threads at once.

    Calls raise ``OutwardError``, which is an ``OSError``. A redirect is an answer like others.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter())

    def get_redirect_target(self, _resp: requests.Response) -> None:  # type: ignore[override]
        return None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Sends a call and reads its whole answer. Raises ``CallRefused``, ``AnswerTooLarge``, ``OutwardError``."""
        limits = _limits.get()
        _check(request.url or "")
        request.headers["Connection"] = "close"
        kwargs |= {"stream": True, "allow_redirects": False, "verify": True, "proxies": {}}
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT_SECONDS
        token = _ends_at.set(time.monotonic() + limits.seconds)
        try:
            with super().send(request, **kwargs) as answer:
                answer._content = _read(answer, limits.size)  # noqa: SLF001  (``requests`` sets no limit itself)
                return answer
        finally:
            _ends_at.reset(token)


def _check(url: str) -> None:
    """Raises ``CallRefused`` for an address without TLS, except at the operator's own hosts."""
    scheme = url.partition(":")[0].lower()
    host = _host(url)
    if not host or not (scheme == "https" or (scheme == "http" and _is_inner(host))):
        raise CallRefused(f"no address to go to: {scheme}://{host}")


def _read(answer: requests.Response, limit: int) -> bytes:
    said = answer.headers.get("Content-Length", "")
    if said.isdecimal() and int(said) > limit:
        raise AnswerTooLarge(f"{said} bytes")
    parts, size = [], 0
    for part in answer.iter_content(CHUNK):
        size += len(part)
        if size > limit:
            raise AnswerTooLarge(f"more than {limit} bytes")
        parts.append(part)
    return b"".join(parts)


SESSION = OutwardSession()
