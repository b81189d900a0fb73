"""Rows of notices in the world of the access matrix."""

from typing import TYPE_CHECKING

from community.notices.models import Notice
from tests.factories.notices import make_notice

if TYPE_CHECKING:
    from tests.support.world import World

TITLE, TEXT = "水箱清洗", "请提前储水。\n\n- 上午关阀\n- 下午恢复\n\n电话 [服务台](tel:02788886666)"


def furnish(world: "World") -> None:
    """Creates an urgent notice for the owner's home, one for the whole estate, and a draft."""
    clerk = world.people["front_desk"]
    common = {"estate": world.estate, "by": clerk, "text": TEXT}
    world.more["announcement"] = make_notice(title=TITLE, homes=[world.home], is_urgent=True, **common)
    world.more["public_notice"] = make_notice(title="广场活动", kind=Notice.Kind.ACTIVITY, **common)
    world.more["draft_notice"] = make_notice(title="待发", status=Notice.Status.DRAFT, **common)
    shown = ["请提前储水", "上午关阀", "下午恢复", "电话", "服务台", "广场活动", "待发", "。"]
    world.typed += [TITLE, TEXT, *shown]
