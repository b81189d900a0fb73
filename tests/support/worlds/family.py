"""Delegation that the desk wrote down for the owner, who has not agreed yet, and the owner's sign-in by WeChat."""

from typing import TYPE_CHECKING

from accounts.models import DelegationRequest, FamilyInvitation
from accounts.models.consents import INVITATION_VALID
from community.core import clock
from community.wechat.models import Binding, OfficialAccount
from tests.factories import make_company, make_roster_entry, make_staff, make_user

if TYPE_CHECKING:
    from tests.support.world import World


def furnish(world: "World") -> None:
    """Creates it with a paper, whose picture is that of a repair."""
    now = clock.now()
    world.more["delegation_request"] = DelegationRequest.objects.create(
        resident=world.people["owner"],
        phone="+8613912340002",
        relation="son",
        services=["repairs"],
        way=DelegationRequest.Way.PAPER,
        picture_key=world.picture.key,
        proposed_by=make_staff(estate=world.estate, name="吴燕"),
        status_changed_at=now,
        created_at=now,
    )
    for name, status, delegate in (
        ("invitation", "open", None),
        ("invitation_taken", "taken", make_user(name="李强")),
    ):
        world.more[name] = FamilyInvitation.objects.create(
            resident=world.people["owner"],
            relation="son",
            services=["repairs"],
            status=status,
            delegate=delegate,
            status_changed_at=now,
            created_at=now,
            expires_at=now + INVITATION_VALID,
        )
    account = OfficialAccount.objects.create(
        company=make_company(name="微信物业"),
        name="安居服务",
        app_id="wx0123456789abcdef",
        secret="x" * 32,
        created_at=now,
    )
    world.more["binding"] = Binding.objects.create(
        account=account, user=world.people["owner"], openid="oWorld0001", bound_at=now, used_at=now
    )
    world.more["roster_line"] = make_roster_entry(home=world.home, name="陈志强", landline="027-88886666")
    world.typed += ["吴燕", "李强", "陈志强", "陈", "微信物业"]
