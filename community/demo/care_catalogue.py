"""Care services of the demo's first estate, with providers and carers."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from accounts.models import StaffRole, User
from community.core import clock
from community.demo.residents import Society
from community.estates.models import Estate
from services.care.models import Carer, CareService, Provider
from services.scheduling.actions import DAYS_AHEAD, make_slots
from services.scheduling.models import Resource, Slot, WeeklyHours

Kind = CareService.Kind
DAYS_BEHIND = 7
EVERY_DAY, WEEKDAYS = range(7), range(5)

PROVIDERS = {
    "canteen": ("幸福里社区食堂", "02788880101", "一楼现做，少油少盐，送餐到家"),
    "station": ("康乐护理站", "02788880102", "持证护理员，上门助浴、助洁、陪诊"),
    "volunteers": ("邻里志愿服务队", "02788880103", "退休教师和年轻邻居，陪您说话、出门"),
}
# Key of the account, name, number, provider; the first can be tried.
CARERS = (
    ("carer", "冯桂兰", "", "station"),
    ("carer2", "罗翠英", "13900020031", "station"),
    ("carer3", "谭海燕", "13900020032", "station"),
    ("carer4", "姚春梅", "13900020033", "station"),
    ("carer5", "邓国强", "13900020034", "volunteers"),
    ("carer6", "白若曦", "13900020035", "volunteers"),
)

ANSWERS = {
    Kind.MEALS: ("不吃辣", "少盐", ""),
    Kind.ESCORT: ("市中心医院心内科", "中医院针灸科", "眼科医院复查"),
    Kind.OUTING: ("去菜场", "去公园走走", "去银行取钱"),
}
MISSED_BECAUSE = "敲门没有人应，电话联系家属，去女儿家了。"
# Ratings to draw from, and their words.
THUMBS = (3, 3, 3, 3, 1)
WORDS = {3: ("很细心", "", "下次还请她来", ""), 1: ("来晚了二十分钟",)}


@dataclass(frozen=True)
class Offer:
    """A service: its times, as (from hour, to hour) of a day, and its question."""

    kind: str
    name: str
    name_en: str
    words: str
    words_en: str
    provider: str
    price_fen: int
    minutes: int
    capacity: int
    spans: tuple[tuple[time, time], ...]
    days: range = EVERY_DAY
    notice_minutes: int = 120
    question: str = ""
    question_en: str = ""
    needs_answer: bool = False


OFFERS = (
    Offer(
        *(
            Kind.MEALS,
            "午餐",
            "Lunch",
            "两荤一素一汤，软烂可口",
            "Two dishes, vegetables and soup, brought home",
        ),
        *("canteen", 1500, 60, 60, ((time(11, 30), time(12, 30)),)),
        notice_minutes=180,
        question="有什么不能吃的？",
        question_en="Is there anything you do not eat?",
    ),
    Offer(
        *(Kind.MEALS, "晚餐", "Supper", "一荤一素一粥", "One dish, vegetables and porridge, brought home"),
        *("canteen", 1200, 60, 40, ((time(17), time(18)),)),
        notice_minutes=180,
        question="有什么不能吃的？",
        question_en="Is there anything you do not eat?",
    ),
    Offer(
        *(Kind.BATHING, "助浴", "Bathing", "水温适宜，防滑，全程有人扶", "Warm, safe, with a hand to hold"),
        *("station", 8000, 60, 2, ((time(9), time(11)), (time(14), time(17)), (time(18), time(20)))),
    ),
    Offer(
        *(Kind.CLEANING, "助洁", "Cleaning", "擦窗、拖地、洗厨房", "Windows, floors and the kitchen"),
        *("station", 6000, 120, 2, ((time(8, 30), time(10, 30)), (time(14), time(18)))),
    ),
    Offer(
        *(
            Kind.ESCORT,
            "助医",
            "To the doctor",
            "陪您挂号、看病、取药",
            "With you from the door to the pharmacy",
        ),
        *("station", 12000, 180, 2, ((time(8), time(11)), (time(13), time(16)))),
        days=WEEKDAYS,
        notice_minutes=1080,
        question="去哪家医院，看什么科？",
        question_en="Which hospital, and which department?",
        needs_answer=True,
    ),
    Offer(
        *(Kind.OUTING, "助行", "Going out", "陪您买菜、散步、办事", "To the market, the park or the bank"),
        *("volunteers", 2000, 60, 2, ((time(9), time(11)), (time(15), time(17)))),
        question="想去哪里？",
        question_en="Where would you like to go?",
    ),
    Offer(
        *(
            Kind.COMPANY,
            "陪伴",
            "Company",
            "聊天、读报、下棋，不收费",
            "A talk, the newspaper, a game of chess",
        ),
        *("volunteers", 0, 60, 3, ((time(10), time(12)), (time(14), time(16)))),
    ),
)


@dataclass
class CareHouse:
    """Services with their times and carers, as bookings need them."""

    services: list[CareService] = field(default_factory=list)
    slots: dict[int, list[Slot]] = field(default_factory=dict)
    carers: list[Carer] = field(default_factory=list)

    def of_kind(self, kind: str) -> CareService:
        return next(service for service in self.services if service.kind == kind)


def make_care_house(estate: Estate, society: Society, now: datetime) -> CareHouse:
    """Creates providers, carers and the catalogue, with a week of past times and four weeks ahead."""
    providers = {
        key: Provider.objects.create(estate=estate, name=name, phone=phone, words=words)
        for key, (name, phone, words) in PROVIDERS.items()
    }
    house = CareHouse(carers=_carers(estate, society, providers, now))
    for position, offer in enumerate(OFFERS):
        house.services.append(_service(estate, providers[offer.provider], offer, position))
    until = clock.today(now) + timedelta(days=DAYS_AHEAD)
    for service in house.services:
        make_slots(resource=service.resource, until=until, now=now - timedelta(days=DAYS_BEHIND + 1))
        house.slots[service.pk] = list(Slot.objects.filter(resource=service.resource).order_by("starts_at"))
    return house


def _carers(estate: Estate, society: Society, providers: dict[str, Provider], now: datetime) -> list[Carer]:
    known = society.by_key["carer"]
    others = User.objects.bulk_create(
        User(
            username=key,
            password=known.password,
            name=name,
            phone=f"+86{phone}",
            phone_verified_at=now - timedelta(days=300),
        )
        for key, name, phone, _provider in CARERS[1:]
    )
    StaffRole.objects.bulk_create(
        StaffRole(user=user, estate=estate, role=StaffRole.Role.CARER) for user in others
    )
    return [
        Carer.objects.create(provider=providers[provider], user=user)
        for user, (_key, _name, _phone, provider) in zip([known, *others], CARERS, strict=True)
    ]


def _service(estate: Estate, provider: Provider, offer: Offer, position: int) -> CareService:
    resource = Resource.objects.create(estate=estate, name=offer.name, service="care")
    WeeklyHours.objects.bulk_create(
        WeeklyHours(
            resource=resource,
            weekday=weekday,
            opens=opens,
            closes=closes,
            slot_minutes=offer.minutes,
            capacity=offer.capacity,
        )
        for weekday in offer.days
        for opens, closes in offer.spans
    )
    return CareService.objects.create(
        estate=estate,
        provider=provider,
        resource=resource,
        kind=offer.kind,
        name=offer.name,
        name_en=offer.name_en,
        words=offer.words,
        words_en=offer.words_en,
        price_fen=offer.price_fen,
        minutes=offer.minutes,
        notice_minutes=offer.notice_minutes,
        question=offer.question,
        question_en=offer.question_en,
        needs_answer=offer.needs_answer,
        needs_carer=offer.kind != Kind.MEALS,
        position=position,
    )
