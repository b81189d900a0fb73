"""A few homes and the clerk who writes to them."""

from uuid import uuid4

from accounts.models import StaffRole
from community.core import clock
from community.notices import actions
from community.notices.actions import Audience, Words
from community.notices.models import Notice
from tests.factories import make_building, make_entrance, make_estate, make_home, make_staff

Role = StaffRole.Role
WORDS = Words(title="明天停水", body="上午九点到十一点停水。\n\n请提前储水。")


class Street:
    """An estate with two homes in one entrance, one in another building, and its front desk."""

    def __init__(self) -> None:
        self.estate = make_estate()
        self.building = make_building(estate=self.estate, name="3号楼", position=1)
        self.entrance = make_entrance(building=self.building, name="2单元", position=1)
        self.home = make_home(entrance=self.entrance, number="501")
        self.next_door = make_home(entrance=self.entrance, number="502")
        self.elsewhere = make_home(estate=self.estate, number="101")
        self.clerk = make_staff(role=Role.FRONT_DESK, estate=self.estate)

    def draft(self, **changes: object) -> Notice:
        given = {"words": WORDS, "audience": Audience(), "key": uuid4(), "by": self.clerk}
        return actions.draft_notice(estate=self.estate, now=clock.now(), **(given | changes))  # type: ignore[arg-type]

    def publish(self, notice: Notice, **more: object) -> None:
        actions.publish_notice(notice=notice, by=self.clerk, now=clock.now(), **more)  # type: ignore[arg-type]
        tell(notice)


def tell(notice: Notice) -> None:
    while actions.notify_next_batch(notice.pk, now=clock.now()):
        pass
