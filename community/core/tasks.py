"""Background work that no app owns."""

from celery import shared_task

from community.core import actions, audit, clock, speech, unsent


@shared_task(queue="bulk")
def make_speech(sealed: str) -> None:
    """Make a recording. It travels sealed: the queue holds no text either."""
    wanted = speech.unseal(sealed)
    if wanted is not None:
        language, text = wanted
        speech.make(text, language)


@shared_task(queue="bulk")
def forget_old_recordings() -> int:
    """Delete what was read aloud long ago: a text may be a person's. Asked for again, it is made again."""
    return speech.forget_recordings(before=clock.now() - speech.RECORDINGS_KEPT)


@shared_task(queue="bulk")
def make_export(pk: int) -> None:
    """A sheet that somebody asked for; nothing where it is made or forgotten meanwhile."""
    actions.make_export(pk=pk, now=clock.now())


@shared_task
def sweep_exports() -> int:
    """What was cut off goes on; what is a day old is deleted."""
    return actions.sweep_exports(now=clock.now())


@shared_task
def write_folded_failures() -> int:
    """Beat: the failures that the audit record only counted."""
    return audit.write_folded(clock.now())


@shared_task
def forget_unsent_forms() -> int:
    """Beat: what somebody typed and did not come back for."""
    return unsent.forget_old(now=clock.now())
