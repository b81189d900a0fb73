"""The demo's 60 feedbacks, of all kinds and in all states, every fourth without a name."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from accounts.policies import Role
from community.core import clock
from community.demo.drawings import HEIGHT, WIDTH
from community.demo.places import Place
from community.demo.residents import Society
from community.estates.models import Estate
from community.estates.working_time import HORIZON, WorkingTime
from services.common.models import ReferenceCounter, ResponseClock, ResponseTime, Satisfaction, Service
from services.common.response import full_hour
from services.feedback import codes
from services.feedback.models import (
    Feedback,
    FeedbackChange,
    FeedbackMessage,
    FeedbackPicture,
    StandardAnswer,
)

S, K = Feedback.Status, Feedback.Kind
# The code of the newest complaint without a name, so that following it can be tried.
DEMO_CODE = "DEMA-2345-6789-DEMA"
MINUTES = 60

# How many stand where, in the first and in the second estate; 60 together.
COUNTS: dict[str, tuple[int, int]] = {
    S.NEW: (5, 2),
    S.IN_HAND: (6, 3),
    S.WAITING: (3, 1),
    S.SOLVED_ASKED: (5, 2),
    S.REOPENED: (3, 1),
    S.CLOSED: (18, 8),
    S.WITHDRAWN: (2, 1),
}
# What is said: kind, about what, the words, the answer, what is still wrong.
SAID = (
    (
        K.COMPLAINT,
        "3号楼",
        "楼道里的垃圾两天没清了，味道很大。",
        "保洁今天下午就去清，以后每天两次。",
        "今天早上又堆起来了。",
    ),
    (
        K.COMPLAINT,
        "小区广场",
        "晚上十点多广场舞还在放音乐，孩子没法睡。",
        "已和舞蹈队说好，晚上九点前结束。",
        "昨晚又放到十点半。",
    ),
    (
        K.COMPLAINT,
        "电梯",
        "5号楼电梯这个月坏了三次。",
        "维保单位明天来更换门机，换好后我们盯一周。",
        "换完第二天又停了一次。",
    ),
    (
        K.COMPLAINT,
        "停车",
        "消防通道上一直停着一辆白色面包车。",
        "已联系车主挪车，通道口今天补画了禁停线。",
        "车又停回来了。",
    ),
    (
        K.COMPLAINT,
        "门岗",
        "晚班保安不在岗，快递员随便进。",
        "查了监控，情况属实，已换人并加了夜间巡查。",
        "周日晚上还是没人。",
    ),
    (
        K.COMPLAINT,
        "施工",
        "楼上中午装修打电钻，老人没法午睡。",
        "已到户里要求停工，12点到14点不许施工。",
        "今天中午又响了半小时。",
    ),
    (
        K.COMPLAINT,
        "物业服务",
        "打前台电话三次都没人接。",
        "前台线路上周故障，已修好并加了一部电话。",
        "刚才打还是占线。",
    ),
    (
        K.COMPLAINT,
        "绿化",
        "一楼窗前的树挡光，去年就说过了。",
        "园林队周四来修剪，修剪前会贴通知。",
        "周四没有人来。",
    ),
    (
        K.COMPLAINT,
        "水箱",
        "这几天自来水有点黄。",
        "已安排清洗水箱，水质检测报告会贴在公告栏。",
        "早上头一盆水还是黄的。",
    ),
    (
        K.SUGGESTION,
        "单元门口",
        "单元门口能不能装一个扶手，雪天老人不好走。",
        "好主意，已报维修班，下周先装1号楼和3号楼。",
        "只装了一边。",
    ),
    (
        K.SUGGESTION,
        "充电桩",
        "希望多装几个电动车充电桩。",
        "社区批了十个，位置在北门车棚，月底装好。",
        "充电桩太靠里了。",
    ),
    (
        K.SUGGESTION,
        "快递柜",
        "快递柜离12号楼太远，能不能在东边也放一组？",
        "正在和快递公司谈，有结果马上公布。",
        "一个月了没有消息。",
    ),
    (
        K.SUGGESTION,
        "健身器材",
        "健身区晚上太黑，建议加一盏灯。",
        "加了两盏太阳能灯，今晚就亮。",
        "有一盏不亮。",
    ),
    (
        K.SUGGESTION,
        "助餐",
        "助餐点的菜能不能少放点盐？",
        "已和厨房说好，从下周一起有少盐窗口。",
        "还是偏咸。",
    ),
    (
        K.SUGGESTION,
        "",
        "建议把通知也贴在电梯里，我妈不看手机。",
        "以后每份通知都会贴进电梯。",
        "这次停水的就没贴。",
    ),
    (
        K.PRAISE,
        "张卫东师傅",
        "张师傅修水管又快又干净，临走还把地拖了。",
        "谢谢您，我们把您的话念给他听了。",
        "",
    ),
    (K.PRAISE, "保洁", "保洁刘阿姨捡到我的钥匙送上门来，非常感谢。", "已在晨会上表扬，谢谢您告诉我们。", ""),
    (K.PRAISE, "前台", "前台小孙帮我妈调好了大字版，耐心得很。", "谢谢，我们会继续做好。", ""),
    (K.PRAISE, "门岗", "下雨天保安帮我把菜提到了楼下。", "谢谢您的表扬，我们转告他了。", ""),
    (
        K.QUESTION,
        "物业费",
        "物业费可以按季度交吗？",
        "可以，前台和手机上都能按季度交。",
        "手机上没有找到按季度。",
    ),
    (
        K.QUESTION,
        "改造",
        "换水管的时候家里要留人吗？",
        "要留一个人在家，大约两小时，可以预约时间。",
        "预约的时间都满了。",
    ),
    (
        K.QUESTION,
        "租户",
        "租户能办门禁卡吗，要带什么？",
        "能办，带租房合同到前台就行，当场拿卡。",
        "前台说要房东来。",
    ),
    (
        K.QUESTION,
        "暖气",
        "今年几号开始试暖？",
        "11月8日起试暖，家里请留人，有漏水马上打电话。",
        "8号没有来水。",
    ),
    (K.QUESTION, "", "装修押金什么时候退？", "验收合格后七个工作日内退到原账户。", "已经过了十天了。"),
)
NOTES = ("已电话联系，下午回话。", "转告工程部老周。", "上个月也反映过一次。")
ASKED_BACK = ("请问是哪一个单元？方便我们去看。", "能拍一张照片吗？", "大概是几点钟发生的？")
ADDED = ("是2单元，一楼靠东。", "每天都这样，周末更厉害。", "谢谢，等你们消息。")
ANSWERS = (
    ("已收到", "您好，您反映的情况我们已经收到，马上去看，今天给您回话。"),
    ("需要上门看", "您好，我们需要上门看一下，请问您什么时间在家方便？"),
    ("已处理", "您好，您反映的问题已经处理好了，请您看看还有没有不满意的地方。"),
    ("不归物业", "您好，这件事由社区居委会负责，我们已经替您转过去，并会盯着结果。"),
    ("谢谢表扬", "谢谢您的表扬，我们已经转告本人，会继续努力。"),
)
FACES = (3, 3, 3, 3, 3, 2, 2, 1)
MOTIFS = {"3号楼": "bins", "电梯": "lift", "水箱": "tap", "健身器材": "street_lamp"}


@dataclass
class Told:
    """A feedback with what has happened to it, before it is written."""

    feedback: Feedback
    words: tuple[str, str, str, str, str]
    changes: list[FeedbackChange] = field(default_factory=list)
    messages: list[FeedbackMessage] = field(default_factory=list)
    clock: ResponseClock | None = None
    second_clock: ResponseClock | None = None


def write_feedback(
    place: Place, society: Society, keys: dict[tuple[str, bool], str], number: int, now: datetime
) -> int:
    """All of one estate; drawn by itself, so that the rest of the demo stays as it is."""
    draw = Random(f"feedback {place.estate.code}")
    estate = place.estate
    ResponseTime.objects.create(estate=estate, service=Service.FEEDBACK, minutes=MINUTES)
    StandardAnswer.objects.bulk_create(
        StandardAnswer(estate=estate, title=title, words=words, position=n)
        for n, (title, words) in enumerate(ANSWERS)
    )
    wanted = [status for status, counts in COUNTS.items() for _n in range(counts[number])]
    hours = WorkingTime(estate, first=now - timedelta(days=220), last=now + HORIZON)
    stories = [_invent(place, society, status, n, draw, hours, now) for n, status in enumerate(wanted)]
    if number == 0:
        nameless = next(one.feedback for one in stories if one.feedback.is_anonymous)
        nameless.code_hash = codes.digest(DEMO_CODE)
    _number(estate, stories)
    _write(stories, keys, draw)
    return len(stories)


def _invent(
    place: Place, society: Society, status: str, n: int, draw: Random, hours: WorkingTime, now: datetime
) -> Told:
    words = SAID[(n * 7 + len(place.homes)) % len(SAID)]
    if status == S.REOPENED and not words[4]:
        words = SAID[n % 9]
    is_anonymous = n % 4 == 1 and words[0] != K.PRAISE
    created = _begun(status, n, draw, hours, now)
    if is_anonymous:
        created = full_hour(created)
    resident = None if is_anonymous else draw.choice(society.households[place.estate.pk]).user
    if n == 0 and "elder" in society.by_key and len(place.homes) > 0:
        elder = society.by_key["owner"]
        lives_here = any(one.user == elder for one in society.households[place.estate.pk])
        resident = elder if lives_here else resident
    feedback = Feedback(
        estate=place.estate,
        kind=words[0],
        about=words[1],
        description=words[2],
        is_anonymous=is_anonymous,
        code_hash=codes.digest(codes.new_code()) if is_anonymous else None,
        resident=resident,
        reported_by=resident,
        status=status,
        created_at=created,
        status_changed_at=created,
        department=Role.FRONT_DESK,
    )
    told = Told(feedback, words)
    _live(told, society, draw, hours, now)
    return told


def _begun(status: str, n: int, draw: Random, hours: WorkingTime, now: datetime) -> datetime:
    """What is new was written within the last hours, some of it too long ago; the rest over half a year."""
    if status == S.NEW:
        back = (12, 45, 55, 95, 160, 30, 70)[n % 7]
        at = now - timedelta(minutes=back)
        while hours.minutes(at, now) < back and now - at < timedelta(days=12):
            at -= timedelta(minutes=30)
        return at
    days = {S.CLOSED: 170, S.WITHDRAWN: 60}.get(S(status), 8)
    return now - timedelta(days=draw.uniform(1, days), hours=draw.uniform(0, 10))


def _live(told: Told, society: Society, draw: Random, hours: WorkingTime, now: datetime) -> None:
    """Its steps and its thread, as the actions would have written them."""
    feedback, status = told.feedback, S(told.feedback.status)
    desk = society.of_role(feedback.estate, Role.FRONT_DESK)[0]
    _step(told, "", S.NEW, feedback.resident, feedback.created_at)
    started = feedback.created_at
    told.clock = ResponseClock(
        estate=feedback.estate,
        service=Service.FEEDBACK,
        minutes=MINUTES,
        started_at=started,
        due_at=hours.add(started, MINUTES),
    )
    if status == S.NEW:
        return
    if status == S.WITHDRAWN:
        told.clock = None
        _step(told, S.NEW, S.WITHDRAWN, feedback.resident, _writers(feedback, started + timedelta(minutes=4)))
        return
    answered = min(hours.add(started, draw.choice((8, 14, 22, 35, 48, 55, 75))), now)
    if status == S.WAITING:
        told.clock.paused_at = answered
        _say(told, draw.choice(ASKED_BACK), desk, answered)
        _step(told, S.NEW, S.WAITING, desk, answered)
        return
    told.clock.answered_at = answered
    _say(told, told.words[3], desk, answered)
    if draw.random() < 0.3:
        _say(told, draw.choice(NOTES), desk, answered + timedelta(minutes=1), is_internal=True)
    if status == S.IN_HAND:
        _step(told, S.NEW, S.IN_HAND, desk, answered)
        _say(told, draw.choice(ADDED), feedback.resident, _writers(feedback, answered), is_writers=True)
        return
    _step(told, S.NEW, S.SOLVED_ASKED, desk, answered)
    if status == S.SOLVED_ASKED:
        return
    replied = min(answered + timedelta(hours=draw.uniform(0.5, 20)), now)
    if status == S.REOPENED:
        feedback.times_reopened = 1
        _say(told, told.words[4], feedback.resident, _writers(feedback, replied), is_writers=True)
        _step(told, S.SOLVED_ASKED, S.REOPENED, feedback.resident, _writers(feedback, replied))
        # Opened again this morning: the second round has just begun.
        began = now - timedelta(minutes=draw.randint(5, 40))
        told.second_clock = ResponseClock(
            estate=feedback.estate,
            service=Service.FEEDBACK,
            round=2,
            minutes=MINUTES,
            started_at=began,
            due_at=hours.add(began, MINUTES),
        )
        return
    by_itself = draw.random() < 0.2
    closed = min(answered + timedelta(days=7), now) if by_itself else _writers(feedback, replied)
    _step(told, S.SOLVED_ASKED, S.CLOSED, None if by_itself else feedback.resident, closed)
    if not by_itself:
        feedback.satisfaction = Satisfaction(
            estate=feedback.estate,
            service=Service.FEEDBACK,
            face=draw.choice(FACES),
            given_by=feedback.resident,
            at=closed,
        )


def _writers(feedback: Feedback, at: datetime) -> datetime:
    return full_hour(at) if feedback.is_anonymous else at


def _step(told: Told, before: str, to: str, actor: User | None, at: datetime) -> None:
    told.feedback.status_changed_at = at
    told.changes.append(
        FeedbackChange(feedback=told.feedback, from_status=before, to_status=to, actor=actor, at=at)
    )


def _say(
    told: Told,
    words: str,
    author: User | None,
    at: datetime,
    *,
    is_writers: bool = False,
    is_internal: bool = False,
) -> None:
    told.messages.append(
        FeedbackMessage(
            feedback=told.feedback,
            author=author,
            words=words,
            at=at,
            is_writers=is_writers,
            is_internal=is_internal,
        )
    )


def _number(estate: Estate, stories: list[Told]) -> None:
    used: dict[date, int] = {}
    for one in sorted(stories, key=lambda one: one.feedback.created_at):
        day = clock.today(one.feedback.created_at)
        used[day] = used.get(day, 0) + 1
        reference = f"F-{day:%y%m%d}-{used[day]:04d}"
        one.feedback.reference = reference
        for clock_of_it in (one.clock, one.second_clock):
            if clock_of_it:
                clock_of_it.reference = reference
        if one.feedback.satisfaction:
            one.feedback.satisfaction.reference = reference
    ReferenceCounter.objects.bulk_create(
        ReferenceCounter(estate=estate, letter="F", day=day, last=last) for day, last in used.items()
    )


def _write(stories: list[Told], keys: dict[tuple[str, bool], str], draw: Random) -> None:
    feedbacks = [one.feedback for one in stories]
    Satisfaction.objects.bulk_create(one.satisfaction for one in feedbacks if one.satisfaction)
    Feedback.objects.bulk_create(feedbacks)
    FeedbackChange.objects.bulk_create(change for one in stories for change in one.changes)
    FeedbackMessage.objects.bulk_create(message for one in stories for message in one.messages)
    pictures, clocks = [], []
    for one in stories:
        motif = MOTIFS.get(one.feedback.about)
        key = keys.get((motif, False)) if motif else None
        if key:
            pictures.append(
                FeedbackPicture(
                    id=UUID(int=draw.getrandbits(128), version=4),
                    feedback=one.feedback,
                    key=key,
                    width=WIDTH,
                    height=HEIGHT,
                    added_by=one.feedback.reported_by,
                    at=one.feedback.created_at,
                )
            )
        for clock_of_it in (one.clock, one.second_clock):
            if clock_of_it:
                clock_of_it.url = reverse("staff_feedback_one", args=[one.feedback.pk])
                clocks.append(clock_of_it)
    FeedbackPicture.objects.bulk_create(pictures)
    ResponseClock.objects.bulk_create(clocks)
