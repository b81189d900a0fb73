"""Rows of feedback in the world of the access matrix."""

import io
from typing import TYPE_CHECKING

from community.core import clock, pictures, recordings
from services.common.models import RequestRef, SatisfactionQuestion
from services.common.satisfaction import Rating, give_satisfaction
from services.feedback.models import Feedback, FeedbackMessage, FeedbackPicture, FeedbackRecording
from tests.factories.feedback import make_feedback, make_standard_answer
from tests.support import sounds

if TYPE_CHECKING:
    from tests.support.world import World

CODE = "7K4M-9XQ2-HJ3T-V8PW"


def furnish(world: "World") -> None:
    """Creates the owner's complaint, an anonymous one, and a satisfaction question."""
    from tests.support.world import a_picture

    owner, now = world.people["owner"], clock.now()
    feedback = make_feedback(estate=world.estate, resident=owner, about="2号楼电梯")
    stored = pictures.store(a_picture())
    world.more["feedback"] = feedback
    world.more["feedback_picture"] = FeedbackPicture.objects.create(
        feedback=feedback, key=stored.key, width=400, height=300, added_by=owner, at=now
    )
    sound = recordings.store(io.BytesIO(sounds.ogg()), seconds=3)
    message = FeedbackMessage.objects.create(feedback=feedback, author=owner, is_writers=True, at=now)
    world.more["feedback_recording"] = FeedbackRecording.objects.create(
        feedback=feedback,
        message=message,
        name=sound.name,
        content_type=sound.content_type,
        seconds=3,
        added_by=owner,
        at=now,
    )
    world.more["nameless"] = make_feedback(estate=world.estate, code=CODE, description="保安态度不好")
    world.more["standard_answer"] = make_standard_answer(estate=world.estate)
    world.more["question"] = SatisfactionQuestion.objects.create(
        estate=world.estate,
        service="fees",
        reference="P-261123-0001",
        what="缴费",
        resident=owner,
        asked_at=now,
    )
    _rate_by_voice(world)
    world.typed += [feedback.about, feedback.description, "保安态度不好", "缴费"]
    world.typed += [world.more["standard_answer"].title]


def _rate_by_voice(world: "World") -> None:
    """Creates the owner's bad rating of a payment, spoken, with its follow-up."""
    owner, paid = world.people["owner"], RequestRef(world.estate.pk, "fees", "P-261123-0002")
    sound = recordings.store(io.BytesIO(sounds.ogg()), seconds=3)
    given = give_satisfaction(paid, Rating(1, sound=sound), resident=owner, by=owner, now=clock.now())
    world.more["rating_recording"] = given.recording
    world.more["follow_up"] = Feedback.objects.get(about=paid.reference)
