"""State of the local platform: accounts, visitors, codes, access tokens, and the faults that it was told to make."""

import secrets
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CODE_SECONDS, TOKEN_SECONDS, RENEWED_BEFORE = 300, 7200, 300


@dataclass
class Account:
    """An official account: ``token`` and ``aes_key`` sign and encrypt what is pushed to ``push_url``."""

    app_id: str
    secret: str
    token: str = "practiceToken"  # noqa: S105
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    push_url: str = ""


@dataclass
class Visitor:
    """Somebody with WeChat, as one account knows them."""

    openid: str
    name: str = ""
    follows: bool = False
    # Switched messages off: pushed as ``failed:user block`` after the call.
    blocks: bool = False
    # Templates switched off by the person: 43101.
    refused: set[str] = field(default_factory=set)
    grants: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Code:
    app_id: str
    openid: str
    expires_at: float
    is_snapshot: bool


class State:
    """``now`` gives seconds since the epoch."""

    def __init__(self, accounts: list[Account], now: Callable[[], float]) -> None:
        self.now = now
        self.accounts = {account.app_id: account for account in accounts}
        self.visitors: dict[str, Visitor] = {}
        self.codes: dict[str, Code] = {}
        self.used: set[str] = set()
        self.tokens: dict[str, tuple[str, float]] = {}
        # All messages that were taken, in order, and the ids by which a repeated one is known.
        self.sent: list[dict[str, Any]] = []
        self.known: dict[tuple[str, str], tuple[int, float]] = {}
        # Answers that go wrong, by path, the next one first: an errcode, or one of ``FAULTS``.
        self.faults: dict[str, list[int | str]] = defaultdict(list)
        self.calls: list[str] = []
        self.robots: dict[str, list[float]] = defaultdict(list)

    def visitor(self, openid: str) -> Visitor:
        return self.visitors.setdefault(openid, Visitor(openid))

    def new_code(
        self, app_id: str, openid: str, *, is_snapshot: bool = False, seconds: float = CODE_SECONDS
    ) -> str:
        """Returns a code for an openid; of a snapshot page the openid is made up."""
        code = secrets.token_hex(16)
        shown = f"oSnapshot{secrets.token_hex(9)}" if is_snapshot else openid
        self.codes[code] = Code(app_id, shown, self.now() + seconds, is_snapshot)
        return code

    def token_of(self, app_id: str, *, is_forced: bool = False) -> tuple[str, int]:
        """Returns the account's access token and the seconds that it has left."""
        token, until = self.tokens.get(app_id, ("", 0.0))
        if is_forced or until - self.now() <= RENEWED_BEFORE:
            token, until = secrets.token_hex(32), self.now() + TOKEN_SECONDS
            self.tokens[app_id] = token, until
        return token, round(until - self.now())

    def end_tokens(self) -> None:
        """Ends all access tokens at once, as if their time were over."""
        self.tokens.clear()

    def account_of_token(self, token: str) -> Account | None:
        for app_id, (known, until) in self.tokens.items():
            if token and token == known and until > self.now():
                return self.accounts[app_id]
        return None
