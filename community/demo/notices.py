"""Notices of the demo: 12 of all statuses in the first estate, read by part of the homes; a few in the
second.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from accounts.models import User
from accounts.policies import Role
from community.core import clock
from community.demo.places import Place
from community.demo.residents import Society
from community.estates.models import SIGN_ALPHABET, Building
from community.notices import body
from community.notices.models import DoorTold, Notice, NoticeChange, NoticePart, NoticeReading

K, S = Notice.Kind, Notice.Status


@dataclass(frozen=True)
class Story:
    """A notice: its publication, how long it is shown, and how many of a hundred homes have read it."""

    title: str
    kind: str
    text: str
    days_ago: float
    shown_days: float | None = None
    read: int = 0
    status: str = S.PUBLISHED
    is_urgent: bool = False
    buildings: tuple[int, ...] = ()
    entrances: tuple[tuple[int, int], ...] = field(default=())
    knocked: int = 0
    corrected: bool = False
    reason: str = ""


STORIES = (
    Story(
        "主水管抢修，今晚停水",
        K.WATER,
        "小区主水管漏水，正在抢修。\n\n**今晚 18:00 到 22:00 停水**，请马上储水，关好水龙头。\n\n"
        "- 所有楼栋都停\n- 恢复后先放水 5 分钟再用\n\n"
        "不方便下楼取水的，请打[物业前台](tel:0570-5550188)，我们送上门。",
        0.12,
        0.8,
        46,
        is_urgent=True,
        knocked=7,
    ),
    Story(
        "外墙和楼梯翻新进度",
        K.WORKS,
        "这个月完成了中心花园道路。\n\n## 接下来\n\n1. 换水管：1 到 4 号楼\n2. 换窗：可以在手机上约时间\n\n"
        "施工只在工作日 8:00 到 12:00、14:00 到 18:00。",
        2,
        None,
        58,
        corrected=True,
    ),
    Story(
        "周六上午社区义诊",
        K.ACTIVITY,
        "周六 9:00 到 11:00，老年活动室，社区医院的医生量血压、测血糖，不收费。\n\n腿脚不便的可以请护理员陪同。",
        3,
        4,
        52,
    ),
    Story(
        "电梯年检，15号楼停梯半天",
        K.WORKS,
        "15号楼电梯年检，上午停用。有老人和婴儿车的家庭请提前安排，值班师傅在一楼帮忙搬东西。",
        6,
        10,
        71,
        buildings=(15,),
        knocked=4,
    ),
    Story(
        "冬季用气安全提醒",
        K.SAFETY,
        "用完随手关阀，晚上睡前看一眼。\n\n- 软管超过 2 年要换\n"
        "- 闻到气味：先开窗，再到屋外打电话\n- 不要开灯，不要打火",
        20,
        None,
        64,
    ),
    Story(
        "2号楼2单元门禁更换",
        K.WORKS,
        "门禁今天换新，旧卡照用。开不了门的请到物业前台。",
        33,
        30,
        83,
        entrances=((2, 2),),
    ),
    Story(
        "物业费账单已经出来", K.OTHER, "手机上点“缴费”就行，也可以到前台。每一笔怎么算的都写着。", 40, 30, 77
    ),
    Story(
        "花园灯会",
        K.ACTIVITY,
        "中心花园，18:30 开始，有猜灯谜。请看好孩子。",
        62,
        3,
        69,
    ),
    Story(
        "春晖街临时停电",
        K.POWER,
        "供电公司检修线路，全小区停电两小时，电梯停用。",
        75,
        2,
        80,
        is_urgent=True,
        knocked=12,
    ),
    Story(
        "地面停车场划线",
        K.WORKS,
        "原定周三划线，请把车开走。",
        50,
        20,
        22,
        status=S.WITHDRAWN,
        reason="下雨，改期另行通知",
    ),
    Story(
        "明天清洗二次供水水箱",
        K.WATER,
        "明天 9:00 到 15:00 清洗水箱，水会变小，高层可能停水。请提前储水。",
        -0.8,
        2,
        status=S.SCHEDULED,
    ),
    Story("节日值班安排", K.OTHER, "物业前台节日不休息。\n\n维修值班电话不变。", 0.3, status=S.DRAFT),
)
SECOND = (
    Story("东门改为单行", K.OTHER, "早上 7:00 到 9:00 东门只出不进，请走北门。", 8, None, 51),
    Story(
        "7号楼外墙检查", K.SAFETY, "墙面有松动，围栏内请不要停留。", 1, 20, 40, is_urgent=True, buildings=(7,)
    ),
)


def write_notices(places: tuple[Place, Place], society: Society, now: datetime) -> int:
    draw = Random(20260515)
    for place, stories in zip(places, (STORIES, SECOND), strict=True):
        _Board(place, society, draw, now).write(stories)
    return len(STORIES) + len(SECOND)


class _Board:
    """Notices of one estate."""

    def __init__(self, place: Place, society: Society, draw: Random, now: datetime) -> None:
        self.place, self.draw, self.now = place, draw, now
        self.clerk = society.of_role(place.estate, Role.FRONT_DESK)[0]
        self.living: dict[int, list[User]] = {}
        for household in society.households[place.estate.pk]:
            self.living.setdefault(household.home.pk, []).append(household.user)
        self.kept = {society.by_key[key].pk for key in ("elder", "owner")}

    def write(self, stories: tuple[Story, ...]) -> None:
        for story in stories:
            notice = self._notice(story)
            buildings = self._buildings(story)
            self._life(notice, story)
            if notice.published_at:
                self._read(notice, story, buildings)

    def _notice(self, story: Story) -> Notice:
        at = self.now - timedelta(days=story.days_ago)
        if abs(story.days_ago) > 1:
            at = clock.local(at).replace(hour=9 + self.draw.randrange(8), minute=5 * self.draw.randrange(12))
        is_out = story.status in (S.PUBLISHED, S.WITHDRAWN)
        scope = Notice.Scope.BUILDINGS if story.buildings else Notice.Scope.ESTATE
        scope = Notice.Scope.ENTRANCES if story.entrances else scope
        written = min(at, self.now) - timedelta(hours=2)
        notice = Notice.objects.create(
            key=UUID(int=self.draw.getrandbits(128), version=4),
            code="".join(self.draw.choices(SIGN_ALPHABET, k=7)),
            estate=self.place.estate,
            title=story.title,
            body=body.from_text(story.text),
            kind=story.kind,
            is_urgent=story.is_urgent,
            scope=scope,
            status=story.status,
            status_changed_at=at if is_out else written,
            written_by=self.clerk,
            created_at=written,
            publish_at=at if story.status == S.SCHEDULED else None,
            published_at=at if is_out else None,
            told_at=at if is_out else None,
            corrected_at=at + timedelta(hours=20) if story.corrected else None,
            ends_at=at + timedelta(days=story.shown_days) if story.shown_days else None,
        )
        entrances = {
            (home.entrance.building.position, home.entrance.position): home.entrance
            for home in self.place.homes
        }
        parts = [
            NoticePart(notice=notice, building=building)
            for building in self._buildings(story)
            if story.buildings
        ]
        parts += [NoticePart(notice=notice, entrance=entrances[where]) for where in story.entrances]
        NoticePart.objects.bulk_create(parts)
        return notice

    def _buildings(self, story: Story) -> list[Building]:
        found = {home.entrance.building for home in self.place.homes}
        return [building for building in found if not story.buildings or building.position in story.buildings]

    def _life(self, notice: Notice, story: Story) -> None:
        steps = [("", S.DRAFT, notice.created_at)]
        if story.status == S.SCHEDULED:
            steps.append((S.DRAFT, S.SCHEDULED, notice.created_at + timedelta(minutes=10)))
        if notice.published_at:
            steps.append((S.DRAFT, S.PUBLISHED, notice.published_at))
        if notice.corrected_at:
            steps.append((S.PUBLISHED, S.PUBLISHED, notice.corrected_at))
        if story.status == S.WITHDRAWN and notice.published_at:
            steps.append((S.PUBLISHED, S.WITHDRAWN, notice.published_at + timedelta(hours=5)))
        NoticeChange.objects.bulk_create(
            NoticeChange(
                notice=notice,
                from_status=was,
                to_status=to,
                actor=self.clerk,
                at=at,
                reason=story.reason if to == S.WITHDRAWN else "",
            )
            for was, to, at in steps
        )

    def _read(self, notice: Notice, story: Story, buildings: list[Building]) -> None:
        """Marks the notice as read by some of the homes, and as told at some doors."""
        inside = {building.pk for building in buildings}
        where = {(entrance[0], entrance[1]) for entrance in story.entrances}
        homes = [
            home
            for home in self.place.homes
            if home.entrance.building_id in inside
            and (not where or (home.entrance.building.position, home.entrance.position) in where)
        ]
        out = notice.published_at or self.now
        readings: list[NoticeReading] = []
        doors: list[DoorTold] = []
        for home in homes:
            people = self.living.get(home.pk, [])
            reads = bool(people) and self.draw.randrange(100) < story.read
            if reads and not (people[0].pk in self.kept and notice.is_urgent):
                at = min(out + timedelta(minutes=self.draw.randrange(3, 2500)), self.now)
                readings.append(NoticeReading(notice=notice, edition=1, home=home, reader=people[0], at=at))
            elif len(doors) < story.knocked:
                at = min(out + timedelta(minutes=self.draw.randrange(30, 160)), self.now)
                doors.append(DoorTold(notice=notice, edition=1, home=home, told_by=self.clerk, at=at))
        NoticeReading.objects.bulk_create(readings, batch_size=500)
        DoorTold.objects.bulk_create(doors)
