"""People of the demo: staff, residents, the roster and delegations."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import encrypt as seal
from django.contrib.auth.hashers import make_password

from accounts.models import (
    FLAGS,
    Administration,
    Delegation,
    Oversight,
    Residency,
    ResidencyChange,
    RosterEntry,
    StaffRole,
    User,
)
from accounts.models.residents import delegable
from accounts.policies import FIELD_ROLES
from community.demo.people import PEOPLE, STAFF_PASSWORD
from community.demo.places import Place
from community.estates.models import Estate, Home

Role = StaffRole.Role

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余于杜叶程"
    "魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺毛郝顾龚"
    "邵万覃武钱戴严莫孔向常"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英玉兰建华文斌志国秀珍红梅淑云春生海燕永福金凤"
    "晓东亚男雨桐子涵浩宇欣怡思远嘉宁若曦镕喆堃㛃翀旻"
)
RESIDENTS = {0: 270, 1: 126}
ONLY_ON_ROSTER = {0: 380, 1: 180}
# Staff of the second estate, not offered on the sign-in page.
OTHER_STAFF = [
    ("manager2", "潘志远", "13900020021", Role.MANAGER),
    ("dispatcher2", "崔玉梅", "13900020022", Role.DISPATCHER),
    ("worker3", "丁永福", "13900020023", Role.REPAIR_WORKER),
    ("worker4", "石金生", "13900020024", Role.REPAIR_WORKER),
]
STAFF_ROLES = {
    "manager": Role.MANAGER,
    "dispatcher": Role.DISPATCHER,
    "frontdesk": Role.FRONT_DESK,
    "worker1": Role.REPAIR_WORKER,
    "worker2": Role.REPAIR_WORKER,
    "cashier": Role.CASHIER,
    "care": Role.CARE_COORDINATOR,
    "carer": Role.CARER,
    "renovation": Role.RENOVATION_COORDINATOR,
    "crew": Role.CREW,
    "auditor": Role.AUDITOR,
}
# Administrators of the whole installation, without a role in an estate.
ADMINISTRATORS = {
    Administration.SYSTEM: "admin",
    Administration.SECURITY: "security",
    Administration.AUDIT: "audit",
    Administration.CITY: "city",
}
# Staff of both estates.
IN_BOTH = {"auditor", "cashier", "frontdesk"}


@dataclass
class Household:
    """A resident of the estate and their home."""

    user: User
    home: Home


@dataclass
class Society:
    """People of the demo by key and by estate."""

    by_key: dict[str, User]
    households: dict[int, list[Household]] = field(default_factory=dict)
    staff: dict[int, dict[str, list[User]]] = field(default_factory=dict)

    def of_role(self, estate: Estate, role: str) -> list[User]:
        return self.staff[estate.pk][role]


def make_society(places: tuple[Place, Place], draw: Random, now: datetime) -> Society:
    society = Society(_named_people(now))
    _give_roles(society, places)
    Oversight.objects.create(user=society.by_key["city"], company=None)
    names = _Names(draw)
    for number, place in enumerate(places):
        _give_homes(society, place, number, names, draw, now)
    _give_delegations(society, places[0], draw, now)
    return society


def _named_people(now: datetime) -> dict[str, User]:
    password = make_password(STAFF_PASSWORD)
    people = [(p.key, p.name, p.phone, bool(p.username)) for p in PEOPLE]
    people += [(key, name, phone, True) for key, name, phone, _role in OTHER_STAFF]
    users = User.objects.bulk_create(
        User(
            username=key if is_staff else None,
            password=password if is_staff else make_password(None),
            name=name,
            phone=f"+86{phone}",
            phone_verified_at=now - timedelta(days=300),
            prefers_large=key == "elder",
            is_staff=is_staff and _sits_at_a_desk(key),
            **{flag: key == ADMINISTRATORS.get(kind) for kind, flag in FLAGS.items()},
        )
        for key, name, phone, is_staff in people
    )
    _give_factors([user for user in users if user.username], now)
    return {key: user for (key, *_rest), user in zip(people, users, strict=True)}


def _give_factors(staff: list[User], now: datetime) -> None:
    """Sets up the second factor of each; its code is shown where it is asked for."""
    kinds = Authenticator.Type
    Authenticator.objects.bulk_create(
        Authenticator(user=user, type=kind, data=data, created_at=now - timedelta(days=200))
        for user in staff
        for kind, data in (
            (kinds.TOTP, {"secret": seal(generate_totp_secret())}),
            (kinds.RECOVERY_CODES, {"seed": seal(RecoveryCodes.generate_seed()), "used_mask": 0}),
        )
    )


def _sits_at_a_desk(key: str) -> bool:
    """Whether the account may use the admin; workers, carers and crews have phone pages, the city figures."""
    if key == ADMINISTRATORS[Administration.CITY]:
        return False
    roles = STAFF_ROLES | {other: role for other, _name, _phone, role in OTHER_STAFF}
    return roles.get(key) not in FIELD_ROLES


def _give_roles(society: Society, places: tuple[Place, Place]) -> None:
    first, second = (place.estate for place in places)
    held = [(key, first, role) for key, role in STAFF_ROLES.items()]
    held += [(key, second, STAFF_ROLES[key]) for key in sorted(IN_BOTH)]
    held += [(key, second, role) for key, _name, _phone, role in OTHER_STAFF]
    StaffRole.objects.bulk_create(
        StaffRole(user=society.by_key[key], estate=estate, role=role) for key, estate, role in held
    )
    for key, estate, role in held:
        society.staff.setdefault(estate.pk, {}).setdefault(role, []).append(society.by_key[key])


class _Names:
    """Generates plausible names and numbers that belong to no one."""

    def __init__(self, draw: Random) -> None:
        self.draw = draw
        self.last_number = 0

    def name(self) -> str:
        given = "".join(self.draw.choices(GIVEN, k=self.draw.choice((1, 2, 2, 2))))
        return self.draw.choice(SURNAMES) + given

    def phone(self) -> str:
        self.last_number += 1
        return f"+861390003{self.last_number:04d}"


def _give_homes(
    society: Society, place: Place, number: int, names: _Names, draw: Random, now: datetime
) -> None:
    """Gives people homes: confirmed, waiting for approval, or on the roster only."""
    homes = draw.sample(place.homes, len(place.homes))
    settled = _main_characters(society, homes) if number == 0 else []
    strangers = User.objects.bulk_create(
        User(
            name=names.name(),
            phone=names.phone(),
            password=make_password(None),
            phone_verified_at=now - timedelta(days=draw.randrange(5, 360)),
            prefers_large=draw.random() < 0.2,
        )
        for _n in range(RESIDENTS[number])
    )
    for user in strangers:
        kind = draw.choices(Residency.Kind.values, (70, 15, 15))[0]
        # Family members join an inhabited home.
        home = draw.choice(settled)[1] if kind == Residency.Kind.FAMILY and settled else homes.pop()
        settled.append((user, home, kind))
    waiting = settled[-5:]
    _write_residencies(settled[:-5], waiting, draw, now)
    society.households[place.estate.pk] = [Household(user, home) for user, home, _kind in settled[:-5]]
    roster = [
        RosterEntry(home=home, name=user.name, phone=user.phone, kind=kind)
        for user, home, kind in settled[:-5]
    ]
    roster += [
        RosterEntry(home=homes.pop(), name=names.name(), phone=names.phone(), kind=Residency.Kind.OWNER)
        for _n in range(ONLY_ON_ROSTER[number])
    ]
    RosterEntry.objects.bulk_create(roster)


def _main_characters(society: Society, homes: list[Home]) -> list[tuple[User, Home, str]]:
    kind = Residency.Kind
    return [
        (society.by_key["elder"], homes.pop(), kind.OWNER),
        (society.by_key["owner"], homes.pop(), kind.OWNER),
        (society.by_key["tenant"], homes.pop(), kind.TENANT),
    ]


def _write_residencies(
    settled: list[tuple[User, Home, str]], waiting: list[tuple[User, Home, str]], draw: Random, now: datetime
) -> None:
    residencies, changes = [], []
    for user, home, kind in settled:
        at = now - timedelta(days=draw.randrange(200, 380), minutes=draw.randrange(600))
        one = Residency(
            user=user,
            home=home,
            kind=kind,
            status=Residency.Status.ACTIVE,
            created_at=at,
            status_changed_at=at,
        )
        residencies.append(one)
        changes.append(ResidencyChange(residency=one, to_status=one.status, actor=user, at=at))
    for user, home, kind in waiting:
        at = now - timedelta(hours=draw.randrange(2, 40))
        words = draw.choice(("我是新买的房子", "和父母同住", "租约到明年六月", "房产证在办"))
        one = Residency(user=user, home=home, kind=kind, created_at=at, status_changed_at=at, words=words)
        residencies.append(one)
        changes.append(ResidencyChange(residency=one, to_status=one.status, actor=user, at=at))
    Residency.objects.bulk_create(residencies)
    ResidencyChange.objects.bulk_create(changes)


def _give_delegations(society: Society, place: Place, draw: Random, now: datetime) -> None:
    begun = now - timedelta(days=180)
    elder, son = society.by_key["elder"], society.by_key["son"]
    given = [
        Delegation(
            resident=elder, delegate=son, service=one, relation="儿子", created_at=begun, accepted_at=begun
        )
        for one, _label in delegable()
    ]
    others = [household.user for household in society.households[place.estate.pk][10:]]
    for resident, delegate in zip(others[0:40:2], others[1:41:2], strict=True):
        begun = now - timedelta(days=draw.randrange(30, 300))
        ended = now - timedelta(days=20) if draw.random() < 0.2 else None
        given.append(
            Delegation(
                resident=resident,
                delegate=delegate,
                service=draw.choice(("repairs", "fees")),
                relation=draw.choice(("女儿", "儿子", "侄子", "邻居")),
                created_at=begun,
                accepted_at=begun,
                ended_at=ended,
                ended_by=resident if ended else None,
            )
        )
    Delegation.objects.bulk_create(given)
