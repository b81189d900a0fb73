"""Background work that no app owns."""

from celery import shared_task

from community.core import speech


@shared_task(queue="bulk")
def make_speech(sealed: str) -> None:
    """Make a recording. It travels sealed: the queue holds no text either."""
    wanted = speech.unseal(sealed)
    if wanted is not None:
        language, text = wanted
        speech.make(text, language)
