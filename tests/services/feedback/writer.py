"""Somebody who writes without a name, and what would lead to them."""

from typing import Any

from django.test import Client

from community.core.encryption import blind_index
from tests import factories as make
from tests.support.world import a_picture

# Numbers that occur nowhere else, so that they can be searched for.
WRITER_PK = 987654321
ADDRESS = "203.0.113.77"
NAME = "欧阳匿名"
WORDS = "保安队长收了装修队的红包"


class Writer:
    """A signed-in resident at a phone with an address of its own."""

    def __init__(self, estate: Any) -> None:
        self.user = make.make_resident(home=make.make_home(estate=estate), id=WRITER_PK, name=NAME)
        self.estate = estate
        self.client = Client(REMOTE_ADDR=ADDRESS, headers={"user-agent": "Weitushouji/9.1"})
        self.client.force_login(self.user)
        self.client.get("/feedback/new/")  # the week's mark in the session is made by any page

    @property
    def traces(self) -> list[str]:
        """What would lead to the writer, in the clear and as our keyed hash of it."""
        known = [str(WRITER_PK), NAME, self.user.phone, self.user.phone_national, ADDRESS, "Weitushouji"]
        known.append(self.client.session.session_key or "-")
        known.append(self.client.cookies["sessionid"].value)
        return known + [blind_index(one) for one in known]

    def write(self, words: str = WORDS, **more: Any) -> str:
        """Through the pages to the code."""
        page = self.client.get("/feedback/new/", {"kind": "complaint", "estate": self.estate.pk})
        sealed = page.context["sealed"]
        answer = self.client.post(
            "/feedback/new/", {"sealed": sealed, "words": words, "pictures": [a_picture()], **more}
        )
        assert answer.status_code == 200, answer.context["form"].errors
        sealed = answer.context["sealed"]
        sent = self.client.post("/feedback/without-name/", {"sealed": sealed, "words": words, **more})
        assert sent.status_code == 200
        return str(sent.context["code"])

    def open(self, code: str) -> None:
        assert self.client.post("/feedback/code/", {"code": code}).status_code == 302
