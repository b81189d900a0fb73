"""Queues messages to everyone whom a notice is for, in batches.

The notice's row stores the last person, in the transaction of the messages: after a crash the next worker
continues behind whole batches. Of two workers the conditional update lets one through, and a message exists
once by its key.
"""

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from community.core import changes
from community.notices.body import in_words_only
from community.notices.models import Notice
from community.notifications import live, outbox
from community.notifications.outbox import Letter

BATCH = 500
AT_ONCE = 50


def notify_next_batch(notice_pk: int, *, now: datetime, size: int = BATCH) -> bool:
    """Queues messages for the next ``size`` people; False when no one is left or the notice is not published.

    Stops for a notice that is over, since it would be read as news.
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
        with changes.covering(Notice):
            if len(batch) < size:
                done = mine.update(told_upto=batch[-1][0] if batch else notice.told_upto, told_at=now)
            else:
                done = mine.update(told_upto=batch[-1][0])
        if not done:
            return True  # another worker has queued this batch: continue behind it
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
    """Returns the keys of notices whose messages are not all queued, because the queue or a worker failed."""
    waiting = Notice.objects.to_tell().order_by("published_at", "pk")
    return list(waiting.values_list("pk", flat=True)[:AT_ONCE])
