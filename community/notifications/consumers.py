"""The socket of an open page."""

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

from community.core import clock
from community.core.events import page_polled
from community.core.sessions import SessionStore
from community.notifications import live

HEARTBEAT_SECONDS = 10.0
# A page shows a few things that change; more is not a page of ours.
MOST_TOKENS = 20
MOST_TOPICS = 40
LONGEST_TOKEN = 1024
MOST_REFUSALS = 20
# The code with which a socket closes when its session has ended: the page asks at once who is signed in.
SIGNED_OUT = 4401


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """Tells a page the numbers of what it shows.

    The page sends ``{"watch": [token, …]}``. It is told ``{"numbers": {token: number}}`` at once,
    whenever one has changed, and every ten seconds whatever happens: a socket that only looks
    alive is found out by its silence, and a message that was lost by the number. ``null``, once, for
    a token that is not valid (any more); nothing of it is kept, and whoever goes on sending such
    tokens is cut off. After an hour comes ``{"renew": {token: newer}}``.

    Two numbers of the person are watched besides. When one has grown, the socket asks again who is signed
    in by its session and closes with ``SIGNED_OUT`` if nobody is; when it is that of ``access_topic``, all
    tokens are told to be ``live.VOID`` and nothing more is heard of them: the page must be asked for again.
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
        self.heart = asyncio.create_task(self._beat())

    async def disconnect(self, code: int) -> None:
        if self.heart is not None:
            self.heart.cancel()
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
        """A frame of bytes is nothing that a page of ours sends; it is left unread."""
        if text_data:
            await super().receive(text_data=text_data, **kwargs)

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        """Nonsense is nothing: it must not end the socket with an error."""
        try:
            return json.loads(text_data)
        except (ValueError, RecursionError):
            return None

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        asked = content.get("watch") if isinstance(content, dict) else None
        if not isinstance(asked, list):
            return
        sent = [one for one in asked if isinstance(one, str)][:MOST_TOKENS]
        short = [one for one in sent if len(one) <= LONGEST_TOKEN]
        refused = {token: None for token in short if not await self._watch(token)}
        self.refusals += len(sent) - len(short) + len(refused)
        await self._tell_newest({token: self._void_or_none(token) for token in refused})
        if self.refusals >= MOST_REFUSALS:
            await self.close()

    async def _watch(self, token: str) -> bool:
        """Whether it is watched from now on."""
        if token in self.tokens:
            return True
        opened = live.read_token(token, self.user.pk)
        if opened is None or opened.access != self.own[self.access] or len(self.tokens) >= MOST_TOKENS:
            return False
        topics = opened.topics
        if len(self.numbers.keys() | set(topics)) > MOST_TOPICS:
            return False
        self.tokens[token] = topics
        for topic in topics:
            if topic not in self.numbers:
                # Joined first and read afterwards: what changes in between is told twice, not lost.
                self.numbers[topic] = 0
                await self._join(topic)
        return True

    def _void_or_none(self, token: str) -> int | None:
        """What is said of a token that is refused."""
        opened = live.read_token(token, self.user.pk) if len(token) <= LONGEST_TOKEN else None
        return live.VOID if opened is not None and opened.access != self.own[self.access] else None

    async def topic_changed(self, event: dict[str, Any]) -> None:
        """From the channel layer: one topic has a new number."""
        if event["topic"] in self.own:
            await self._compare_own({event["topic"]: event["number"]})
            return
        self._note({event["topic"]: event["number"]})
        await self._tell(token for token, topics in self.tokens.items() if event["topic"] in topics)

    async def _compare_own(self, newest: dict[str, int], *, ask: bool = False) -> bool:
        """Ask again who this is, and what it may hear, where a number of the person's has grown.

        Whether the socket goes on.
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
        """Whether the session with which the socket came still is this person's, as the database says now."""
        session = SessionStore(self.scope["session"].session_key)
        user = await get_user({"session": session})
        if user.pk != self.user.pk:
            return False
        # The end of a resident's session is put off again and again; that of the staff stands.
        self.ends_at = await database_sync_to_async(session.get_expiry_date)()
        return True

    async def _beat(self) -> None:
        began = clock.now()
        # Between the session's being read and the first numbers something may have ended.
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
        """Numbers only grow: two messages may arrive in the wrong order."""
        for topic, number in newest.items():
            if topic in self.numbers:
                self.numbers[topic] = max(self.numbers[topic], number)
