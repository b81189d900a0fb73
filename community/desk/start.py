"""What waits for a member of staff, and the way to it: the start page and the side nav."""

from dataclasses import dataclass, replace

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Residency, StaffRole, User
from accounts.policies import Role, estates_of, opens_office, roles_of
from community.core import clock
from community.desk.models import READING as FIGURE_READERS
from community.estates.calendar import years_to_enter
from community.notices.models.notices import OVERSEEING as WRITING_NOTICES
from services.care.models import CareBooking
from services.care.models.bookings import OVERSEEING as OVERSEEING_CARE
from services.care.policies import COORDINATING
from services.common.models import ResponseClock, Service
from services.feedback.models import Feedback
from services.feedback.models.feedback import DEPARTMENTS
from services.feedback.models.feedback import OVERSEEING as FEEDBACK_ROLES
from services.fees.models.bills import COUNTING
from services.fees.queries import to_check
from services.help import board as help_board
from services.help.models.calls import OVERSEEING as OVERSEEING_HELP
from services.renovation.board import waiting_for as renovation_waits
from services.renovation.models.projects import READING
from services.repairs.models import Repair
from services.repairs.models.repairs import OVERSEEING as OVERSEEING_REPAIRS


@dataclass(frozen=True)
class Entry:
    """One page of the back office."""

    url: str
    label: str | Promise
    icon: str
    tone: str = "plain"
    count: int = 0
    # For a page on which nothing waits: what one does there.
    hint: str | Promise = ""
    current: bool = False


def waiting(user: User) -> list[Entry]:
    """The pages that this person's roles open, with what waits on them. A few queries, whatever the data."""
    roles = roles_of(user)
    entries = _morning(roles) + _help(user, roles)
    if roles & set(OVERSEEING_REPAIRS):
        entries.append(Entry("/staff/repairs/", _("Repairs"), "board", "repair", _new_repairs(user)))
    if roles & {*FEEDBACK_ROLES, *DEPARTMENTS}:
        entries.append(Entry("/staff/feedback/", _("Feedback"), "message", "build", _waiting_feedback(user)))
    if roles & set(WRITING_NOTICES):
        entries.append(
            Entry("/staff/notices/", _("Notices"), "speakerphone", "build", hint=_("Write, see who has read"))
        )
    if roles & set(COUNTING):
        entries.append(
            Entry(
                "/staff/fees/", _("Fees"), "receipt", "brand", _money(user), hint=_("Counter, bills, arrears")
            )
        )
    if roles & set(OVERSEEING_CARE):
        entries.append(_care(user, roles))
    entries += _renovation(user, roles)
    if Role.CARER in roles:
        entries.append(Entry("/care-work/", _("My visits"), "heart", "care", _my_visits(user)))
    if Role.REPAIR_WORKER in roles:
        entries.append(Entry("/work/", _("My jobs"), "tool", "repair", _my_jobs(user)))
    entries += _people(user, roles)
    if roles & {Role.MANAGER, Role.FRONT_DESK, Role.DISPATCHER}:
        entries.append(Entry("/staff/signs/", _("Signs"), "qrcode", "build", hint=_("Print")))
    entries += _calendar(roles)
    if opens_office(user, roles):
        entries.append(Entry("/admin/", _("Administration"), "settings", hint=_("Lists, Excel")))
    return [entry for entry in entries if _is_there(entry.url)]


def nav(request: HttpRequest, user: User) -> list[Entry]:
    """The side nav: the start page, then the same entries, the present one marked."""
    entries = waiting(user)
    here = max((one.url for one in entries if request.path.startswith(one.url)), key=len, default="")
    start = Entry("/staff/", _("Start"), "home", current=request.path == "/staff/")
    return [
        start,
        *(replace(one, current=one.url == here) for one in entries),
    ]


def _morning(roles: set[str]) -> list[Entry]:
    """Where a manager's day begins."""
    if not roles & set(FIGURE_READERS):
        return []
    return [Entry("/staff/morning/", _("Morning page"), "sun", "brand", hint=_("What is late, figures"))]


def _help(user: User, roles: set[str]) -> list[Entry]:
    """Calls for help come first; hours without anybody on duty are said days before."""
    now = clock.now()
    if not roles & set(OVERSEEING_HELP) and not help_board.is_on_duty(user, now):
        return []
    entries = [Entry("/staff/help/", _("Help"), "bell", "help", help_board.to_see_to(user, now))]
    hours = help_board.gaps_of(user, now) if Role.MANAGER in roles else 0
    if hours:
        entries.append(Entry("/staff/help/duty/", _("Duty gaps"), "clock", "help", hours))
    return entries


def _care(user: User, roles: set[str]) -> Entry:
    """The week; for those who send carers, with how many visits have nobody yet."""
    count = 0
    if roles & set(COORDINATING):
        count = _visits_of_nobody(user)
    return Entry("/staff/care/", _("Elderly care"), "heart", "care", count, hint=_("The week, by carer"))


def _renovation(user: User, roles: set[str]) -> list[Entry]:
    """The projects with what waits in them; for a crew its homes of today."""
    entries = []
    if roles & set(READING):
        hint = _("Homes, progress, the week")
        entries.append(
            Entry("/staff/renovation/", _("Renovation"), "hammer", "build", renovation_waits(user), hint)
        )
    if Role.CREW in roles:
        entries.append(Entry("/crew/", _("My homes today"), "hammer", "build", hint=_("My jobs")))
    return entries


def _people(user: User, roles: set[str]) -> list[Entry]:
    """Who lives here, whom the roster names, who asks for a home, and who works here."""
    entries = []
    if roles & set(StaffRole.DESK):
        entries.append(Entry("/staff/residents/", _("Residents"), "users", "brand", hint=_("Find, register")))
        hint = _("Find, correct, add")
        entries.append(Entry("/staff/roster/", _("Roster"), "clipboard", "brand", hint=hint))
    if roles & {*StaffRole.DESK, Role.AUDITOR}:
        entries.append(Entry("/staff/residencies/", _("Home requests"), "home", "care", _requests(user)))
    if Role.MANAGER in roles:
        hint = _("Accounts, roles")
        entries.append(Entry("/staff/people/", _("Staff"), "users", "build", hint=hint))
    return entries


def _calendar(roles: set[str]) -> list[Entry]:
    """A year that begins soon, and whose days off nobody has entered yet."""
    keepers = {Role.MANAGER, Role.CARE_COORDINATOR, Role.RENOVATION_COORDINATOR}
    if not roles & keepers or not years_to_enter(clock.today(clock.now())):
        return []
    page = reverse("admin:estates_calendarday_changelist")
    return [Entry(page, _("Work calendar"), "calendar", "care", hint=_("Enter the year's days off"))]


def _money(user: User) -> int:
    """Payments and refunds that do not fit, and wait for a cashier."""
    return to_check(estates_of(user, *COUNTING))


def _new_repairs(user: User) -> int:
    fresh = [Repair.Status.NEW, Repair.Status.REOPENED]
    return Repair.objects.filter(estate__in=estates_of(user, *OVERSEEING_REPAIRS), status__in=fresh).count()


def _waiting_feedback(user: User) -> int:
    """What nobody has answered, of the estate or of one's department; and of what is in hand, where an
    answer is due again, and what was handed to one's own department. One query."""
    state = Feedback.Status
    mine = StaffRole.objects.held_by(user).filter(estate=OuterRef("estate"), role=OuterRef("department"))
    due = ResponseClock.objects.running().filter(
        estate=OuterRef("estate"), service=Service.FEEDBACK, reference=OuterRef("reference")
    )
    # With the front desk is also what was handed to nobody.
    is_handed_over = ~Q(department=Role.FRONT_DESK) & Exists(mine)
    waits = Q(status__in=[state.NEW, state.REOPENED]) | Q(status=state.IN_HAND) & (
        Exists(due) | is_handed_over
    )
    return Feedback.objects.for_staff(user).filter(waits).count()


def _my_jobs(user: User) -> int:
    return Repair.objects.in_hand().filter(worker=user).count()


def _visits_of_nobody(user: User) -> int:
    """Visits of the next seven days to which nobody is sent."""
    nobody = CareBooking.objects.filter(
        status=CareBooking.Status.BOOKED, service__needs_carer=True, carer=None
    )
    estates = estates_of(user, *COORDINATING)
    return nobody.filter(estate__in=estates).of_days(clock.today(clock.now()), 7).count()


def _my_visits(user: User) -> int:
    """Those of today that are still to be made."""
    mine = CareBooking.objects.open().filter(carer=user)
    return mine.of_days(clock.today(clock.now())).count()


def _requests(user: User) -> int:
    return Residency.objects.visible_to(user).exclude(user=user).requested().count()


def _is_there(url: str) -> bool:
    try:
        resolve(url)
    except Resolver404:
        return False
    return True
