"""Feedback of the demo: 60 of all kinds and statuses, every fourth anonymous."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from accounts.policies import Role
from community.core import clock
from community.demo.drawings import HEIGHT, WIDTH
from community.demo.feedback_words import ADDED, ANSWERS, ASKED_BACK, FACES, MOTIFS, NOTES, SAID
from community.demo.places import Place
from community.demo.residents import Society
from community.estates.models import Estate
from community.estates.working_time import HORIZON, WorkingTime
from services.common.models import ReferenceCounter, ResponseClock, ResponseTime, Satisfaction
from services.common.references import UNORDERED
from services.common.response_clock import full_hour
from services.feedback import thread_codes
from services.feedback.models import (
    Feedback,
    FeedbackChange,
    FeedbackMessage,
    FeedbackPicture,
    StandardAnswer,
)

S, K = Feedback.Status, Feedback.Kind
# Code of the newest anonymous complaint, for trying to follow it.
DEMO_CODE = "DEMA-2345-6789-DEMA"
MINUTES = 60

# Numbers by status in the first and the second estate; 60 together.
COUNTS: dict[str, tuple[int, int]] = {
    S.NEW: (5, 2),
    S.IN_HAND: (6, 3),
    S.WAITING: (3, 1),
    S.SOLVED_ASKED: (5, 2),
    S.REOPENED: (3, 1),
    S.CLOSED: (18, 8),
    S.WITHDRAWN: (2, 1),
}


@dataclass
class FeedbackStory:
    """A feedback with its history, before it is written."""

    feedback: Feedback
    words: tuple[str, str, str, str, str]
    changes: list[FeedbackChange] = field(default_factory=list)
    messages: list[FeedbackMessage] = field(default_factory=list)
    clock: ResponseClock | None = None
    second_clock: ResponseClock | None = None


def write_feedback(
    place: Place, society: Society, keys: dict[tuple[str, bool], str], number: int, now: datetime
) -> int:
    """Writes the feedback of one estate, with its own random numbers so that the rest of the demo stays the
    same.
    """
    draw = Random(f"feedback {place.estate.code}")
    estate = place.estate
    ResponseTime.objects.create(estate=estate, service="feedback", minutes=MINUTES)
    StandardAnswer.objects.bulk_create(
        StandardAnswer(estate=estate, title=title, words=words, position=n)
        for n, (title, words) in enumerate(ANSWERS)
    )
    wanted = [status for status, counts in COUNTS.items() for _n in range(counts[number])]
    hours = WorkingTime(estate, first=now - timedelta(days=220), last=now + HORIZON)
    stories = [_invent(place, society, status, n, draw, hours, now) for n, status in enumerate(wanted)]
    if number == 0:
        nameless = next(story.feedback for story in stories if story.feedback.is_anonymous)
        nameless.code_hash = thread_codes.digest(DEMO_CODE)
    _number(estate, stories, draw)
    _follow_up(stories)
    _write(stories, keys, draw)
    return len(stories)


def _invent(
    place: Place, society: Society, status: str, n: int, draw: Random, hours: WorkingTime, now: datetime
) -> FeedbackStory:
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
        lives_here = any(household.user == elder for household in society.households[place.estate.pk])
        resident = elder if lives_here else resident
    feedback = Feedback(
        estate=place.estate,
        kind=words[0],
        about=words[1],
        description=words[2],
        is_anonymous=is_anonymous,
        code_hash=thread_codes.digest(thread_codes.new_code()) if is_anonymous else None,
        resident=resident,
        reported_by=resident,
        status=status,
        created_at=created,
        status_changed_at=created,
        department=Role.FRONT_DESK,
    )
    story = FeedbackStory(feedback, words)
    _add_history(story, society, draw, hours, now)
    return story


def _begun(status: str, n: int, draw: Random, hours: WorkingTime, now: datetime) -> datetime:
    """Returns the time of writing: new ones within the last hours, some overdue, the others over half a year."""
    if status == S.NEW:
        back = (12, 45, 55, 95, 160, 30, 70)[n % 7]
        at = now - timedelta(minutes=back)
        while hours.minutes(at, now) < back and now - at < timedelta(days=12):
            at -= timedelta(minutes=30)
        return at
    days = {S.CLOSED: 170, S.WITHDRAWN: 60}.get(S(status), 8)
    return now - timedelta(days=draw.uniform(1, days), hours=draw.uniform(0, 10))


def _add_history(
    story: FeedbackStory, society: Society, draw: Random, hours: WorkingTime, now: datetime
) -> None:
    """Adds history and thread as the actions would have written them."""
    feedback, status = story.feedback, S(story.feedback.status)
    desk = society.of_role(feedback.estate, Role.FRONT_DESK)[0]
    _add_step(story, "", S.NEW, feedback.resident, feedback.created_at)
    started = feedback.created_at + timedelta(hours=feedback.is_anonymous)
    story.clock = ResponseClock(
        estate=feedback.estate,
        service="feedback",
        minutes=MINUTES,
        started_at=started,
        due_at=hours.add(started, MINUTES),
    )
    if status == S.NEW:
        return
    if status == S.WITHDRAWN:
        story.clock = None
        _add_step(
            story, S.NEW, S.WITHDRAWN, feedback.resident, _writers(feedback, started + timedelta(minutes=4))
        )
        return
    answered = min(hours.add(started, draw.choice((8, 14, 22, 35, 48, 55, 75))), now)
    if status == S.WAITING:
        story.clock.paused_at = answered
        _add_message(story, draw.choice(ASKED_BACK), desk, answered)
        _add_step(story, S.NEW, S.WAITING, desk, answered)
        return
    _answer(story, desk, answered, draw, hours, now)


def _answer(
    story: FeedbackStory, desk: User, answered: datetime, draw: Random, hours: WorkingTime, now: datetime
) -> None:
    """Adds everything from the first answer to the writer's reply."""
    feedback, status = story.feedback, S(story.feedback.status)
    if story.clock:
        story.clock.answered_at = answered
    _add_message(story, story.words[3], desk, answered)
    if draw.random() < 0.3:
        _add_message(story, draw.choice(NOTES), desk, answered + timedelta(minutes=1), is_internal=True)
    if status == S.IN_HAND:
        _add_step(story, S.NEW, S.IN_HAND, desk, answered)
        _add_message(
            story, draw.choice(ADDED), feedback.resident, _writers(feedback, answered), is_writers=True
        )
        return
    _add_step(story, S.NEW, S.SOLVED_ASKED, desk, answered)
    if status == S.SOLVED_ASKED:
        return
    replied = min(answered + timedelta(hours=draw.uniform(0.5, 20)), now)
    if status == S.REOPENED:
        _reopen(story, replied, draw, hours, now)
        return
    by_itself = draw.random() < 0.2
    closed = min(answered + timedelta(days=7), now) if by_itself else _writers(feedback, replied)
    _add_step(story, S.SOLVED_ASKED, S.CLOSED, None if by_itself else feedback.resident, closed)
    if not by_itself:
        feedback.satisfaction = Satisfaction(
            estate=feedback.estate,
            service="feedback",
            face=draw.choice(FACES),
            given_by=feedback.resident,
            at=closed,
        )


def _reopen(story: FeedbackStory, replied: datetime, draw: Random, hours: WorkingTime, now: datetime) -> None:
    """Reopens it this morning, so that the second round has just begun."""
    feedback = story.feedback
    feedback.times_reopened = 1
    _add_message(story, story.words[4], feedback.resident, _writers(feedback, replied), is_writers=True)
    _add_step(story, S.SOLVED_ASKED, S.REOPENED, feedback.resident, _writers(feedback, replied))
    began = _writers(feedback, now - timedelta(minutes=draw.randint(5, 40)))
    story.second_clock = ResponseClock(
        estate=feedback.estate,
        service="feedback",
        round=2,
        minutes=MINUTES,
        started_at=began,
        due_at=hours.add(began, MINUTES),
    )


def _writers(feedback: Feedback, at: datetime) -> datetime:
    return full_hour(at) if feedback.is_anonymous else at


def _add_step(story: FeedbackStory, before: str, to: str, actor: User | None, at: datetime) -> None:
    story.feedback.status_changed_at = at
    steps = story.changes
    given = {"from_status": before, "to_status": to, "actor": actor, "at": at}
    steps.append(FeedbackChange(feedback=story.feedback, position=len(steps), **given))


def _add_message(
    story: FeedbackStory,
    words: str,
    author: User | None,
    at: datetime,
    *,
    is_writers: bool = False,
    is_internal: bool = False,
) -> None:
    story.messages.append(
        FeedbackMessage(
            feedback=story.feedback,
            position=len(story.messages),
            author=author,
            words=words,
            at=at,
            is_writers=is_writers,
            is_internal=is_internal,
        )
    )


def _follow_up(stories: list[FeedbackStory]) -> None:
    """Adds feedback opened automatically for unsatisfied residents, in their name and still new."""
    named = [story for story in stories if not story.feedback.is_anonymous]
    bad_face = Satisfaction.Face.BAD
    unhappy = [
        story.feedback for story in named if (rated := story.feedback.satisfaction) and rated.face == bad_face
    ]
    new = [story for story in named if story.feedback.status == S.NEW and story.feedback.kind == K.COMPLAINT]
    if not unhappy or not new:
        return
    bad, follow_up = unhappy[-1], new[-1].feedback
    new[-1].changes[0].actor = None
    follow_up.is_follow_up = True
    follow_up.about, follow_up.description = bad.reference, "说是处理好了，其实没有。"
    follow_up.resident = follow_up.reported_by = bad.resident


def _number(estate: Estate, stories: list[FeedbackStory], draw: Random) -> None:
    used: dict[date, int] = {}
    by_lot = iter(draw.sample(UNORDERED, len(stories)))
    for story in sorted(stories, key=lambda story: story.feedback.created_at):
        day = clock.today(story.feedback.created_at)
        number = next(by_lot)
        if not story.feedback.is_anonymous:
            number = used[day] = used.get(day, 0) + 1
        reference = f"F-{day:%y%m%d}-{number:04d}"
        story.feedback.reference = reference
        for response_clock in (story.clock, story.second_clock):
            if response_clock:
                response_clock.reference = reference
        if story.feedback.satisfaction:
            story.feedback.satisfaction.reference = reference
    ReferenceCounter.objects.bulk_create(
        ReferenceCounter(estate=estate, letter="F", day=day, last=last) for day, last in used.items()
    )


def _write(stories: list[FeedbackStory], keys: dict[tuple[str, bool], str], draw: Random) -> None:
    feedbacks = [story.feedback for story in stories]
    Satisfaction.objects.bulk_create(feedback.satisfaction for feedback in feedbacks if feedback.satisfaction)
    Feedback.objects.bulk_create(feedbacks)
    FeedbackChange.objects.bulk_create(change for story in stories for change in story.changes)
    FeedbackMessage.objects.bulk_create(message for story in stories for message in story.messages)
    pictures, clocks = [], []
    for story in stories:
        motif = MOTIFS.get(story.feedback.about)
        key = keys.get((motif, False)) if motif else None
        if key:
            pictures.append(
                FeedbackPicture(
                    id=UUID(int=draw.getrandbits(128), version=4),
                    feedback=story.feedback,
                    key=key,
                    width=WIDTH,
                    height=HEIGHT,
                    added_by=story.feedback.reported_by,
                    at=story.feedback.created_at,
                )
            )
        for response_clock in (story.clock, story.second_clock):
            if response_clock:
                response_clock.url = reverse("staff_feedback_one", args=[story.feedback.pk])
                clocks.append(response_clock)
    FeedbackPicture.objects.bulk_create(pictures)
    ResponseClock.objects.bulk_create(clocks)
