"""WebSocket of open pages."""

import asyncio
import contextlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from redis.exceptions import RedisError

from community.core import clock, metrics
from community.core.events import page_polled
from community.core.sessions import SessionStore
from community.notifications import live

HEARTBEAT_SECONDS = 10.0
# Limits above what our pages use.
MAX_TOKENS = 20
MAX_TOPICS = 40
LONGEST_TOKEN = 1024
MAX_REFUSALS = 20
# Close code for an ended session; the page then asks for the signed-in person.
SIGNED_OUT = 4401


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """Sends a page the numbers of the topics it shows.

    The page sends ``{"watch": [token, …]}`` and gets ``{"numbers": {token: number}}`` at once, on each change
    and every ten seconds: silence reveals a dead socket, and the number reveals a lost message. An invalid
    token gets ``null`` once and is dropped; a client that keeps sending such tokens is disconnected. After an
    hour comes ``{"renew": {token: newer}}``.

    The socket also watches two topics of the person. When either changes, it checks the session again and
    closes with ``SIGNED_OUT`` if it has ended; for ``access_topic``, all tokens become ``live.VOID`` and the
    page must be loaded again.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tokens: dict[str, list[str]] = {}
        self.numbers: dict[str, int] = {}
        self.own: dict[str, int] = {}
        self.ends_at: datetime | None = None
        self.refusals = 0
        self.heart: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self.user = self.scope["user"]
        if not self.user.is_authenticated:
            await self.close()
            return
        self.access = live.access_topic(self.user.pk)
        self.own = dict.fromkeys([self.access, live.session_topic(self.user.pk)], 0)
        for topic in self.own:
            await self._join(topic)
        self.own = await database_sync_to_async(live.numbers_of)(self.own)
        await self.accept()
        metrics.SOCKETS.inc()
        self.heart = asyncio.create_task(self._beat())

    async def disconnect(self, code: int) -> None:
        if self.heart is not None:
            self.heart.cancel()
            metrics.SOCKETS.dec()
        for topic in [*self.numbers, *self.own]:
            await self._leave(topic)

    async def _join(self, topic: str) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self.channel_layer.group_add(live.group(topic), self.channel_name)

    async def _leave(self, topic: str) -> None:
        with contextlib.suppress(RedisError, OSError):
            await self.channel_layer.group_discard(live.group(topic), self.channel_name)

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        """Ignores binary frames, which our pages never send."""
        if text_data:
            await super().receive(text_data=text_data, **kwargs)

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        """Returns None for invalid JSON instead of ending the socket with an error."""
        try:
            return json.loads(text_data)
        except (ValueError, RecursionError):
            return None

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        asked = content.get("watch") if isinstance(content, dict) else None
        if not isinstance(asked, list):
            return
        sent = [one for one in asked if isinstance(one, str)][:MAX_TOKENS]
        short = [one for one in sent if len(one) <= LONGEST_TOKEN]
        refused = {token: None for token in short if not await self._watch(token)}
        self.refusals += len(sent) - len(short) + len(refused)
        await self._tell_newest({token: self._void_or_none(token) for token in refused})
        if self.refusals >= MAX_REFUSALS:
            await self.close()

    async def _watch(self, token: str) -> bool:
        """Starts watching a token; returns whether it is valid and within the limits."""
        if token in self.tokens:
            return True
        opened = live.read_token(token, self.user.pk)
        if opened is None or opened.access != self.own[self.access] or len(self.tokens) >= MAX_TOKENS:
            return False
        topics = opened.topics
        if len(self.numbers.keys() | set(topics)) > MAX_TOPICS:
            return False
        self.tokens[token] = topics
        for topic in topics:
            if topic not in self.numbers:
                # Joins before reading, so that a change in between is sent twice rather than lost.
                self.numbers[topic] = 0
                await self._join(topic)
        return True

    def _void_or_none(self, token: str) -> int | None:
        """Returns the answer for a refused token."""
        opened = live.read_token(token, self.user.pk) if len(token) <= LONGEST_TOKEN else None
        return live.VOID if opened is not None and opened.access != self.own[self.access] else None

    async def topic_changed(self, event: dict[str, Any]) -> None:
        """Handles a new number of a topic from the channel layer."""
        if event["topic"] in self.own:
            await self._compare_own({event["topic"]: event["number"]})
            return
        self._note({event["topic"]: event["number"]})
        await self._tell(token for token, topics in self.tokens.items() if event["topic"] in topics)

    async def _compare_own(self, newest: dict[str, int], *, ask: bool = False) -> bool:
        """Checks the session and the rights again if a topic of the person has changed; returns whether to go
        on.
        """
        grown = {topic for topic in self.own if newest.get(topic, 0) > self.own[topic]}
        self.own |= {topic: newest[topic] for topic in grown}
        is_over = self.ends_at is not None and self.ends_at <= clock.now()
        if (grown or ask or is_over) and not await self._is_signed_in():
            await self.close(code=SIGNED_OUT)
            return False
        if self.access in grown:
            void, self.tokens = dict.fromkeys(self.tokens, live.VOID), {}
            heard, self.numbers = list(self.numbers), {}
            for topic in heard:
                await self._leave(topic)
            await self.send_json({"numbers": void})
        return True

    async def _is_signed_in(self) -> bool:
        """Whether the socket's session still belongs to this person, read from the database."""
        session = SessionStore(self.scope["session"].session_key)
        user = await get_user({"session": session})
        if user.pk != self.user.pk:
            return False
        # Sessions of residents are extended repeatedly; those of staff end at a fixed time.
        self.ends_at = await database_sync_to_async(session.get_expiry_date)()
        return True

    async def _beat(self) -> None:
        began = clock.now()
        # A session can end between reading it and the first numbers.
        ask = True
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            if not await self._tell_newest(ask=ask):
                return
            await database_sync_to_async(page_polled.send)(now=clock.now())
            ask = clock.now() - began > live.RENEWED_AFTER
            if ask:
                began = clock.now()
                await self._renew()

    async def _tell_newest(self, refused: dict[str, int | None] | None = None, *, ask: bool = False) -> bool:
        newest = await database_sync_to_async(live.numbers_of)([*self.numbers, *self.own])
        self._note(newest)
        goes_on = await self._compare_own(newest, ask=ask)
        if goes_on:
            await self._tell(self.tokens, refused)
        return goes_on

    async def _tell(self, tokens: Iterable[str], refused: dict[str, int | None] | None = None) -> None:
        told: dict[str, int | None] = {
            token: sum(self.numbers.get(topic, 0) for topic in self.tokens[token]) for token in tokens
        }
        told |= refused or {}
        await self.send_json({"numbers": told})

    async def _renew(self) -> None:
        access = self.own[self.access]
        newer = {token: live.sign(topics, self.user.pk, access) for token, topics in self.tokens.items()}
        self.tokens = {newer[token]: topics for token, topics in self.tokens.items()}
        await self.send_json({"renew": newer})

    def _note(self, newest: dict[str, int]) -> None:
        """Stores numbers, which only grow, since messages can arrive out of order."""
        for topic, number in newest.items():
            if topic in self.numbers:
                self.numbers[topic] = max(self.numbers[topic], number)
