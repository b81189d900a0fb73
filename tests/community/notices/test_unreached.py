"""An urgent notice and the homes that it does not reach: said, listed by door, written to by SMS."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import RosterEntry, StaffRole
from community.core import clock
from community.core.errors import ActionError, Forbidden
from community.core.limit_table import ROSTER_SMS
from community.core.models import AuditRecord
from community.notices import actions
from community.notices.models import Notice
from community.notifications.models import OutboxMessage
from tests.community.notices.desk import signed_in
from tests.community.notices.street import Street
from tests.factories import make_notice, make_resident, make_roster_entry, make_staff

SMS = OutboxMessage.Channel.SMS


def urgent(street: Street, **changes: object) -> Notice:
    return make_notice(estate=street.estate, title="爆管停水", is_urgent=True, by=street.clerk, **changes)


def page_of(street: Street, name: str, notice: Notice) -> str:
    return str(signed_in(street.clerk).get(reverse(name, args=[notice.pk])).content.decode())


def test_notice__homes_without_anybody__are_said_instead_of_everybody(street: Street) -> None:
    make_resident(home=street.home)
    notice = urgent(street)
    page = page_of(street, "staff_notice", notice)
    assert "已通知 1 人" in page
    assert "有 2 户没有人登记" in page
    assert "已通知到所有人" not in page
    assert reverse("staff_notice_unreached", args=[notice.pk]) in page
    for home in (street.next_door, street.elsewhere):
        make_resident(home=home)
    assert "已通知到所有人" in page_of(street, "staff_notice", notice)


def test_publish__says_what_went_out_to_how_many_with_a_link(street: Street) -> None:
    make_resident(home=street.home)
    notice = street.draft()
    ask = reverse("staff_notice_act", args=[notice.pk, "publish"])
    client = signed_in(street.clerk)
    assert "其中 2 户没有人登记" in client.get(ask).content.decode()
    page = client.post(ask, {"homes_shown": "3"}, follow=True).content.decode()
    assert "“明天停水”已发布：面向 3 户，通知 1 人。" in page
    assert f'<a href="{reverse("staff_notice_reading", args=[notice.pk])}">' in page


def test_unreached__lists_the_doors_by_entrance(street: Street) -> None:
    make_resident(home=street.home)
    page = page_of(street, "staff_notice_unreached", urgent(street))
    assert page.count('class="t-help knock"') == 2
    assert str(street.entrance) in page
    assert ">502<" in page
    assert ">501<" not in page
    assert "data-print" in page
    assert "poster.pdf" in page


def test_tell_roster__writes_once_to_each_number_that_never_signed_in(street: Street) -> None:
    settled = make_resident(home=street.home)
    make_roster_entry(home=street.home, phone=settled.phone)
    waiting = make_roster_entry(home=street.next_door)
    make_roster_entry(home=street.elsewhere, phone=waiting.phone)
    make_roster_entry(home=street.elsewhere, ended_at=clock.now())
    make_roster_entry()
    notice = urgent(street)
    assert actions.roster_numbers(notice) == 1
    for expected in (1, 0):
        sent = actions.send_to_roster(
            notice=notice, by=street.clerk, expected_numbers=expected, now=clock.now()
        )
        assert sent == expected
    message = OutboxMessage.objects.get(channel=SMS)
    assert (message.recipient.phone, message.template) == (waiting.phone, "notice_urgent")
    assert AuditRecord.objects.get(action="notice_roster_told").detail == {"edition": 1, "numbers": 1}
    assert RosterEntry.objects.with_phone(waiting.phone).count() == 2


def test_tell_roster__another_number_than_was_shown__asks_again(street: Street) -> None:
    make_roster_entry(home=street.home)
    notice = urgent(street)
    address = reverse("staff_notice_roster", args=[notice.pk])
    answer = signed_in(street.clerk).post(address, {"numbers_shown": "7"})
    assert answer.status_code == 409
    assert "现在会发给 1 个手机号" in answer.content.decode()
    assert not OutboxMessage.objects.exists()
    assert signed_in(street.clerk).post(address, {"numbers_shown": "1"}).status_code == 302
    assert OutboxMessage.objects.filter(channel=SMS).count() == 1


def test_tell_roster__not_urgent_or_withdrawn_or_not_ones_own__refused(street: Street) -> None:
    make_roster_entry(home=street.home)
    now = clock.now()
    for notice in (
        make_notice(estate=street.estate),
        urgent(street, status=Notice.Status.WITHDRAWN),
        urgent(street, at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1)),
    ):
        with pytest.raises(ActionError, match="not_urgent"):
            actions.send_to_roster(notice=notice, by=street.clerk, expected_numbers=1, now=clock.now())
    elsewhere = make_staff(role=StaffRole.Role.MANAGER)
    with pytest.raises(Forbidden):
        actions.send_to_roster(notice=urgent(street), by=elsewhere, expected_numbers=1, now=now)


def test_tell_roster__too_often_in_a_day__is_refused(street: Street) -> None:
    client = signed_in(street.clerk)
    for number in range(ROSTER_SMS.amount + 1):
        make_roster_entry(home=street.home)
        answer = client.post(
            reverse("staff_notice_roster", args=[urgent(street).pk]), {"numbers_shown": f"{number + 1}"}
        )
    assert answer.status_code == 429


def test_withdraw__what_waits_for_the_roster__is_not_sent(street: Street) -> None:
    make_roster_entry(home=street.home)
    notice = urgent(street)
    actions.send_to_roster(notice=notice, by=street.clerk, expected_numbers=1, now=clock.now())
    actions.withdraw_notice(notice=notice, reason="误发", by=street.clerk, now=clock.now())
    assert not OutboxMessage.objects.filter(channel=SMS).exists()
