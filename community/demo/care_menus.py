"""Menus of the demo's meals: a week ahead, in words."""

from datetime import datetime, timedelta

from accounts.models import User
from community.core import clock
from services.care.models import CareService, Menu

DAYS = 7
DISHES = {
    "午餐": (
        "红烧肉、蒜蓉青菜、番茄蛋汤",
        "清蒸鲈鱼、家常豆腐、冬瓜汤",
        "土豆炖牛肉、炒包菜、紫菜汤",
        "香菇蒸鸡、清炒莴笋、玉米羹",
        "肉末茄子、凉拌黄瓜、排骨汤",
    ),
    "晚餐": ("肉丝面筋、青菜、小米粥", "蒸蛋、炒豆芽、南瓜粥", "鱼丸、炒西葫芦、红豆粥"),
}


def make_menus(services: list[CareService], by: User, now: datetime) -> None:
    """Creates the menus of today and the next days for the meals among ``services``."""
    today = clock.today(now)
    Menu.objects.bulk_create(
        Menu(
            service=service,
            on=today + timedelta(days=day),
            dishes=DISHES[service.name][day % len(DISHES[service.name])],
            changed_by=by,
            changed_at=now,
        )
        for service in services
        if service.name in DISHES
        for day in range(DAYS)
    )
