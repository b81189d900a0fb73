"""The socket of an open page."""

import asyncio
import contextlib
import json
from collections.abc import Iterable
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from redis.exceptions import RedisError

from community.core import clock
from community.core.events import page_asked
from community.notifications import live

HEARTBEAT_SECONDS = 10.0
# A page shows a few things that change; more is not a page of ours.
MOST_TOKENS = 20
MOST_TOPICS = 40
LONGEST_TOKEN = 1024
MOST_REFUSALS = 20


class LiveConsumer(AsyncJsonWebsocketConsumer):
    """Tells a page the numbers of what it shows.

    The page sends ``{"watch": [token, …]}``. It is told ``{"numbers": {token: number}}`` at once,
    whenever one has changed, and every ten seconds whatever happens: a socket that only looks
    alive is found out by its silence, and a message that was lost by the number. ``null``, once, for
    a token that is not valid (any more); nothing of it is kept, and whoever goes on sending such
    tokens is cut off. After an hour comes ``{"renew": {token: newer}}``.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tokens: dict[str, list[str]] = {}
        self.numbers: dict[str, int] = {}
        self.refusals = 0
        self.heart: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        self.user = self.scope["user"]
        if not self.user.is_authenticated:
            await self.close()
            return
        await self.accept()
        self.heart = asyncio.create_task(self._beat())

    async def disconnect(self, code: int) -> None:
        if self.heart is not None:
            self.heart.cancel()
        for topic in self.numbers:
            with contextlib.suppress(RedisError, OSError):
                await self.channel_layer.group_discard(live.group(topic), self.channel_name)

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
        refused = [token for token in short if not await self._watch(token)]
        self.refusals += len(sent) - len(short) + len(refused)
        await self._tell_newest(refused)
        if self.refusals >= MOST_REFUSALS:
            await self.close()

    async def _watch(self, token: str) -> bool:
        """Whether it is watched from now on."""
        if token in self.tokens:
            return True
        topics = live.read_token(token, self.user.pk)
        if topics is None or len(self.tokens) >= MOST_TOKENS:
            return False
        if len(self.numbers.keys() | set(topics)) > MOST_TOPICS:
            return False
        self.tokens[token] = topics
        for topic in topics:
            if topic not in self.numbers:
                # Joined first and read afterwards: what changes in between is told twice, not lost.
                self.numbers[topic] = 0
                with contextlib.suppress(RedisError, OSError):
                    await self.channel_layer.group_add(live.group(topic), self.channel_name)
        return True

    async def topic_changed(self, event: dict[str, Any]) -> None:
        """From the channel layer: one topic has a new number."""
        self._note({event["topic"]: event["number"]})
        await self._tell(token for token, topics in self.tokens.items() if event["topic"] in topics)

    async def _beat(self) -> None:
        began = clock.now()
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self._tell_newest()
            await database_sync_to_async(page_asked.send)(now=clock.now())
            if clock.now() - began > live.RENEWED_AFTER:
                began = clock.now()
                await self._renew()

    async def _tell_newest(self, refused: Iterable[str] = ()) -> None:
        if self.numbers:
            self._note(await database_sync_to_async(live.numbers_of)(list(self.numbers)))
        await self._tell(self.tokens, refused)

    async def _tell(self, tokens: Iterable[str], refused: Iterable[str] = ()) -> None:
        told: dict[str, int | None] = {
            token: sum(self.numbers.get(topic, 0) for topic in self.tokens[token]) for token in tokens
        }
        told |= dict.fromkeys(refused)
        await self.send_json({"numbers": told})

    async def _renew(self) -> None:
        newer = {token: live.sign(topics, self.user.pk) for token, topics in self.tokens.items()}
        self.tokens = {newer[token]: topics for token, topics in self.tokens.items()}
        await self.send_json({"renew": newer})

    def _note(self, newest: dict[str, int]) -> None:
        """Numbers only grow: two messages may arrive in the wrong order."""
        for topic, number in newest.items():
            if topic in self.numbers:
                self.numbers[topic] = max(self.numbers[topic], number)
