"""Ways through the services that need no browser: the same pages and forms, in both modes, by the test client.

The one journey a service and mode that is looked at in a real browser stands beside, by the service's name.
"""

import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from accounts.models import StaffRole, User
from community.core import clock
from community.notices.models import Notice
from services.care import actions, home_codes
from services.care.models import CareBooking
from services.feedback.models import Feedback
from services.fees.models import Payment
from services.help.models import HelpCall
from services.renovation.models import Appointment
from services.repairs.models import Repair, RepairCategory
from tests import factories as make
from tests.factories.renovation import Site, make_appointment, make_picture
from tests.journeys import test_care, test_fees, test_help, test_repair
from tests.support.walker import Walker
from tests.support.world import a_picture

pytestmark = pytest.mark.django_db(transaction=True)
both_modes = pytest.mark.parametrize("mode", ["standard", "large"])
Role = StaffRole.Role


@both_modes
def test_repair__by_the_sign_in_the_stairwell(mode: str) -> None:
    estate = test_repair.Estate()
    place = make.make_place(estate=estate.home.estate, name="2单元楼道")
    top = make.make_category(estate=estate.home.estate, name="公共", where=RepairCategory.Where.PUBLIC)
    make.make_category(parent=top, name="灯不亮", where=RepairCategory.Where.PUBLIC)
    phone = Walker(estate.resident, mode=mode).open(f"/place/{place.code}/")
    assert "2单元楼道" in phone.main
    for choice in ("报修", "公共", "灯不亮", "下一步", "提交"):
        phone.tap(choice)
    assert "已报修" in phone.main
    assert "2单元楼道" in phone.main
    repair = Repair.objects.get()
    assert (repair.place, repair.home) == (place, None)


@both_modes
def test_repair__not_mended__goes_back_to_the_board(mode: str) -> None:
    estate = test_repair.Estate()
    repair = make.make_repair(
        home=estate.home, resident=estate.resident, status=Repair.Status.DONE, worker=estate.worker
    )
    phone = Walker(estate.resident, mode=mode).open(f"/repairs/{repair.pk}/").tap("没修好")
    # Without a word about what is wrong it is asked for, and nothing moves.
    phone.refused("提交")
    assert "reopen" in phone.path
    phone.fill("还在滴水").tap("提交")
    assert "还在滴水" in phone.main
    board = Walker(estate.dispatcher).open("/staff/repairs/")
    card = board.text.split(f'id="card-{repair.pk}"')[1].split("</article>")[0]
    assert "没修好" in card
    repair.refresh_from_db()
    assert (repair.status, repair.worker) == (Repair.Status.REOPENED, None)


def test_board__assigned_without_javascript__by_the_same_form() -> None:
    estate = test_repair.Estate()
    repair = make.make_repair(estate=estate.home.estate)
    board = Walker(estate.dispatcher).open("/staff/repairs/")
    board.send("派单", worker=estate.worker.pk)
    repair.refresh_from_db()
    assert (repair.status, repair.worker) == (Repair.Status.ASSIGNED, estate.worker)
    column = board.text.split('data-column="assigned"')[1].split("data-column=")[0]
    assert f'id="card-{repair.pk}"' in column


def answer(desk: Walker, words: str) -> None:
    """And ask whether it is solved."""
    desk.fill(words).send("发送答复", then="solved")
    assert words in desk.main


@both_modes
@pytest.mark.parametrize("is_signed_in", [True, False], ids=["signed in", "signed out"])
def test_feedback__without_a_name__is_followed_by_the_code(is_signed_in: bool, mode: str) -> None:
    home = make.make_home()
    writer = make.make_resident(home=home, name="王秀英")
    clerk = make.make_staff(role=Role.FRONT_DESK, estate=home.estate, name="孙丽华")
    phone = Walker(writer if is_signed_in else None, mode=mode).open("/feedback/new/").tap("投诉")
    phone.fill("保安态度不好").send("下一步", pictures=[a_picture()])
    phone.tap("不写名字")
    shown = re.search(r"data-code.*?</(?:p|div|output)>", phone.text, re.DOTALL)
    assert shown
    code = re.findall(r"<span[^>]*>(\w+)</span>", shown[0])
    assert (len(code), len("".join(code))) == (4, 16)

    queue = Walker(clerk).open("/staff/feedback/").tap("保安态度不好")
    assert "没有人知道是谁写的" in queue.main
    assert "王秀英" not in queue.main
    answer(queue, "我们批评了他")

    phone.open("/feedback/code/").send("打开", code="-".join(code).lower())
    assert "我们批评了他" in phone.main
    picture = re.search(r'<img[^>]* src="(/feedback/[^"]+)"', phone.text)
    assert picture
    sent: Any = phone.client.get(picture[1])
    Image.open(BytesIO(b"".join(sent) if sent.streaming else sent.content)).load()
    phone.tap("解决了").send("提交", face=2)
    assert "已解决" in phone.main
    feedback = Feedback.objects.get()
    assert (feedback.resident, feedback.reported_by, feedback.satisfaction.given_by) == (None, None, None)
    phone.tap("退出查看")
    assert 'name="code"' in phone.text
    phone.open("/feedback/code/thread/")
    assert "保安态度不好" not in phone.main


@both_modes
def test_fees__the_son_pays__the_mothers_pages_tell(mode: str) -> None:
    household = test_fees.Household()
    son = make.make_user(name="李强")
    make.make_delegation(resident=household.resident, delegate=son, service="fees", relation="儿子")
    mother = Walker(household.resident, mode=mode).open("/fees/")
    assert "¥462.96" in mother.main
    phone = Walker(son).open("/").tap("待缴")
    assert "帮王秀英" in phone.main
    for name in ("缴所选账单", "去缴费", "确认付款"):
        phone.tap(name)
    assert "缴费成功" in phone.main
    assert "没有欠费" in mother.open("/fees/").main
    assert "¥462.96" in mother.open("/inbox/").main
    payment = Payment.objects.get()
    assert (payment.payer, payment.made_by) == (household.resident, son)


@pytest.mark.parametrize(
    ("way", "taps"),
    [(("养老", "明天午餐", "确认预约"), 4), (("养老", "午餐", "明天", "确认预约"), 5)],
)
def test_care__lunch_tomorrow_in_large_type__in_five_taps(way: tuple[str, ...], taps: int) -> None:
    estate = test_care.Estate()
    phone = Walker(estate.elder, mode="large").open("/").at_the_foot("更多")
    for name in way[:-1]:
        if name == "午餐":
            # Not tomorrow's, which is offered above.
            choice = re.search(
                r'<a class="choice[^>]* href="([^"]+)"(?:(?!</a>).)*午餐', phone.text, re.DOTALL
            )
            assert choice
            phone.count += 1
            assert "哪一天" in phone.open(unescape(choice[1])).heading()
        else:
            phone.tap(name)
    assert "¥12.00" in phone.main
    phone.tap(way[-1])
    assert "已预约" in phone.main
    assert phone.count == taps <= 5
    booking = CareBooking.objects.with_people().get()
    assert clock.today(booking.starts_at) == clock.today(clock.now()) + timedelta(days=1)


def test_care__booked_by_the_son__marked_so__and_the_mother_cancels_it() -> None:
    estate = test_care.Estate()
    mother, son = Walker(estate.elder, mode="large"), Walker(estate.son).open("/")
    assert f"/care/?for={estate.elder.pk}" in son.text
    assert "王秀英" in son.open(f"/care/?for={estate.elder.pk}").main
    assert "王秀英" in son.tap("明天午餐").main
    assert "王秀英" in son.tap("确认预约").main
    booking = CareBooking.objects.get()
    assert (booking.resident, booking.reported_by) == (estate.elder, estate.son)
    assert "午餐" in mother.open("/inbox/").main
    assert "李强" in mother.open(f"/care/bookings/{booking.pk}/").main
    cancel = f"/care/bookings/{booking.pk}/cancel/"
    assert f'href="{cancel}"' in mother.text
    assert "已取消" in mother.open(cancel).send("取消").main
    assert "已取消" in son.open(f"/care/bookings/{booking.pk}/").main


def test_care__begun_by_the_qr_code_of_the_home() -> None:
    estate, now = test_care.Estate(), clock.now()
    booking = make.make_care_booking(
        service=estate.bathing, slot=estate.slot, home=estate.home, resident=estate.elder
    )
    actions.arrange_visit(booking=booking, carer=estate.carer, by=estate.coordinator, now=now)
    if clock.today(estate.slot.starts_at) != clock.today(now):
        pytest.skip("in the last half hour of a day there is no visit of today left")
    phone = Walker(estate.carer).open(
        f"/care-work/home/{estate.home.pk}/{home_codes.code_of(estate.home.pk)}/"
    )
    assert "服务中" in phone.send("").main
    booking.refresh_from_db()
    assert booking.status == CareBooking.Status.UNDER_WAY


def test_help__daughter_far_away__calls_for_her_mother() -> None:
    estate = test_help.Estate()
    daughter = Walker(estate.daughter).open("/help/").tap("王秀英").tap("叫人来")
    assert "已叫人" in daughter.main
    call = HelpCall.objects.get()
    assert (call.resident, call.reported_by, call.home) == (estate.elder, estate.daughter, estate.home)


def test_help__without_javascript__two_taps_all_the_same() -> None:
    estate = test_help.Estate()
    elder = Walker(estate.elder, mode="large").open("/").tap("求助").tap("叫人来")
    assert "已叫人" in elder.main
    assert elder.count == 2
    assert HelpCall.objects.unanswered().count() == 1


def test_renovation__warranty_in_one_tap__is_a_repair() -> None:
    site = Site()
    top = make.make_category(estate=site.estate, name="门窗", icon="door")
    make.make_category(parent=top, name="门锁", icon="lock")
    make.make_category(parent=top, name="窗户", icon="window")
    visit = make_appointment(site=site, status="confirmed")
    page = f"/renovation/appointments/{visit.pk}/"
    # Twice, as by the way back: it is the same repair.
    for _time in range(2):
        phone = Walker(site.resident).open(page).send("申请保修")
        assert visit.reference in phone.main
        assert "窗户" in phone.heading()
    repair = site.home.repairs.get()
    assert (repair.category.name, repair.resident) == ("窗户", site.resident)


def test_renovation__staff_knocks_at_a_door_and_books_there() -> None:
    site = Site()
    site.slot(capacity=2)
    home, resident = site.neighbour()
    site.resident.residencies.all().delete()
    later = site.slot(at=test_care.time(14))
    make_picture(make_appointment(site=site, home=home, resident=resident, slot=later))
    coordinator = make.make_staff(role="renovation_coordinator", estate=site.estate)
    desk = Walker(coordinator).open(f"/staff/renovation/{site.project.pk}/building/{site.building.pk}/")
    doors = re.findall(r'<a[^>]* href="([^"]+)"', desk.text.split('class="doors')[1].split("</ul>")[0])
    assert len(doors) == 1
    desk.open(doors[0])
    slot = re.findall(r'<option value="(\d+)"', desk.text.split('name="slot"')[1])[0]
    desk.send("去预约", slot=slot, name="何奶奶")
    assert "何奶奶" in desk.main
    assert Appointment.objects.filter(home=site.home, resident__in=User.objects.named("何奶奶")).count() == 1


@both_modes
def test_notices__a_new_one__is_unread_until_it_is_opened(mode: str) -> None:
    home = make.make_home()
    clerk = make.make_staff(role=Role.FRONT_DESK, estate=home.estate)
    reader = Walker(make.make_resident(home=home), mode=mode).open("/notices/")
    assert "现在没有公告" in reader.main
    draft = make.make_notice(estate=home.estate, status=Notice.Status.DRAFT, title="周六义诊", by=clerk)
    Walker(clerk).open(f"/staff/notices/{draft.pk}/do/publish/").send("发布")
    reader.open("/notices/")
    assert "周六义诊" in reader.main
    assert len(re.findall(r'<a[^>]*class="[^"]*unread', reader.text)) == 1
    reader.tap("周六义诊").open("/notices/")
    assert not re.findall(r'<a[^>]*class="[^"]*unread', reader.text)


def test_notices__without_scripts__written_scheduled_and_read() -> None:
    home = make.make_home()
    clerk = make.make_staff(role=Role.MANAGER, estate=home.estate)
    text = "明天清洗。\n\n- 上午关阀\n- **下午**恢复"
    desk = Walker(clerk).open("/staff/notices/new/").fill(text).send("保存并预览", title="清洗水箱")
    notice = Notice.objects.get()
    assert notice.body == "<p>明天清洗。</p><ul><li>上午关阀</li><li><strong>下午</strong>恢复</li></ul>"
    desk.tap("修改")
    assert text in desk.text
    desk.open(f"/staff/notices/{notice.pk}/do/schedule/").send("定时发布", publish_at="2099-01-01T08:00")
    assert "待发布" in desk.main


def test_notices__poster_scanned_by_a_stranger__shows_the_notice_without_any_name() -> None:
    home = make.make_home()
    make.make_resident(home=home, name="王秀英")
    clerk = make.make_staff(estate=home.estate, name="周婷")
    public = make.make_notice(estate=home.estate, by=clerk, text="请储水。")
    private = make.make_notice(estate=home.estate, by=clerk, homes=[home], text="只给一户。")
    stranger = Walker().open(f"/n/{public.code.lower()}/")
    assert "请储水。" in stranger.main
    for name in ("王秀英", "周婷"):
        assert name not in stranger.text
    stranger.open(f"/n/{private.code}/")
    assert "/sign-in/" in stranger.path
    assert "只给一户" not in stranger.text


def test_people__handed_over__family_gets_the_step_by_link() -> None:
    held = make.make_delegation(delegate=make.make_user(name="李小红"), accepted_at=None)
    child = Walker(held.delegate).open("/me/family/").send("同意")
    assert "帮王秀英报修" in child.main
    parent = Walker(held.resident, mode="large").open("/help/").at_the_foot("请家人帮忙").send("发给家人")
    assert "李小红" in parent.main
    child.open("/inbox/")
    row = re.search(r'<a[^>]* href="(/inbox/[^"]+)"', child.text.split("<main")[1])
    assert row
    assert child.open(row[1]).path == f"/help/?for={held.resident.pk}"
