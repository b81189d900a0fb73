"""Writing to everybody whom a notice is for, some hundreds at a time.

Where it stands is in the notice's own row, written in the transaction of the letters: a worker that
dies in the middle has told whole batches, and the next one goes on behind them. Two at once: the
conditional update lets one of them through, and a letter stands once by its key anyway.
"""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from community.notices.body import in_words_only
from community.notices.models import Notice
from community.notifications import live, outbox
from community.notifications.outbox import Letter

BATCH = 500
AT_ONCE = 50


def notify_next_batch(notice_pk: int, *, now: datetime, size: int = BATCH) -> bool:
    """Write to the next people; False when nobody is left, or it is not out any more.

    Of one that is over nobody is told any more: it would be read as news.
    """
    notice = Notice.objects.to_tell().select_related("estate").filter(pk=notice_pk).first()
    if notice is None:
        return False
    with transaction.atomic():
        people = notice.people().filter(pk__gt=notice.told_upto).order_by("pk")
        batch = [] if notice.is_over(now) else list(people.values_list("pk", "phone_index")[:size])
        mine = Notice.objects.to_tell().filter(
            pk=notice.pk, edition=notice.edition, told_upto=notice.told_upto, ends_at=notice.ends_at
        )
        if len(batch) < size:
            done = mine.update(told_upto=batch[-1][0] if batch else notice.told_upto, told_at=now)
        else:
            done = mine.update(told_upto=batch[-1][0])
        if not done:
            return True  # somebody else is at it: look again where it stands
        template = "notice_urgent" if notice.is_urgent else "notice_published"
        letters = [
            Letter(
                pk,
                notice.told_key,
                {"title": notice.title, "estate": notice.estate.name, "short": in_words_only(notice.title)},
                reverse("notice", args=[notice.pk]),
                sms=notice.is_urgent and bool(number),
            )
            for pk, number in batch
        ]
        outbox.queue_messages(template, letters, now=now)
        if len(batch) < size:
            live.notify_open_pages(notice.live_topic)
    return len(batch) == size


def notices_to_resume(now: datetime) -> list[int]:
    """The notices that wait for their letters: the queue forgot them, or a worker died."""
    waiting = Notice.objects.to_tell().order_by("published_at", "pk")
    return list(waiting.values_list("pk", flat=True)[:AT_ONCE])
