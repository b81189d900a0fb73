"""Menus of the demo's meals: a week ahead, lunches with a drawn picture of their own."""

from datetime import datetime, timedelta

from accounts.models import User
from community.core import clock, pictures
from community.demo.drawings import HEIGHT, WIDTH, Sheet
from services.care.models import CareService, Menu, MenuPicture

DAYS = 7
# Colours of a dish and of what lies on it, for the two plates and the bowl of a lunch.
LOOKS = (
    (("#8a3b22", "#b5532f"), ("#4f8f3f", "#7fb560"), ("#e0653a", "#f5d76e")),
    (("#d9dfe2", "#7a8b94"), ("#e9d6a8", "#c98d4b"), ("#dcebd2", "#9cc08a")),
    (("#a8643a", "#e3b65c"), ("#a9cf8c", "#dcebc4"), ("#5f5570", "#8d84a0")),
    (("#e2c08a", "#6b4a34"), ("#9ccf8a", "#cfe8bd"), ("#f3d774", "#f9e9b0")),
    (("#6a4670", "#9b5a3c"), ("#8fc27a", "#d8ecc9"), ("#e8d2b0", "#b9835a")),
)
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
    made = Menu.objects.bulk_create(
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
    keys = [pictures.store(_tray(*look).jpeg()).key for look in LOOKS]
    MenuPicture.objects.bulk_create(
        MenuPicture(
            menu=menu,
            key=keys[(menu.on - today).days % len(keys)],
            width=WIDTH,
            height=HEIGHT,
            added_by=by,
            at=now,
        )
        for menu in made
        if menu.service.name == "午餐"
    )


def _tray(meat: tuple[str, str], greens: tuple[str, str], soup: tuple[str, str]) -> Sheet:
    """Draws a canteen's tray: two plates, a bowl of soup, rice and chopsticks."""
    sheet = Sheet("#c9a06c", "#c9a06c")
    sheet.box(6, 6, 94, 69, "#eef1f2", round_=6)
    for x, y, radius, (dish, top) in ((29, 26, 17, meat), (66, 24, 15, greens), (30, 53, 12, soup)):
        sheet.disc(x, y, radius, "#ffffff", squash=0.8)
        sheet.disc(x, y, radius * 0.8, dish, squash=0.8)
        for step, (dx, dy) in enumerate(((-0.4, -0.1), (0.05, -0.3), (0.35, 0.05), (-0.1, 0.25), (0.1, 0))):
            sheet.disc(x + dx * radius, y + dy * radius, radius * (0.2 - 0.02 * step), top, squash=0.7)
    sheet.disc(66, 53, 12, "#ffffff", squash=0.8)
    sheet.disc(66, 52, 9.6, "#f7f4ea", squash=0.75)
    sheet.line([(85, 14), (86, 62)], "#93683f", 0.9)
    sheet.line([(88.5, 14), (89, 62)], "#93683f", 0.9)
    return sheet
