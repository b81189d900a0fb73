"""Prices of the demo's latest finished repairs, agreed to before the work went on, and their bills."""

from community.demo import words
from community.demo.catalogue import motif_of
from community.demo.repairs import Story
from community.demo.residents import Society
from services.repairs.actions.charges import charge_agreed
from services.repairs.models import Repair, RepairCategory, RepairChange

Status = Repair.Status
BILLED = 3


def bill_repairs(stories: list[Story], society: Society) -> None:
    """Bills the latest finished repairs in homes of each estate, but for those of the people to be tried."""
    tried = {user.pk for user in society.by_key.values()}
    priced = [
        story
        for story in stories
        if story.repair.status in (Status.DONE, Status.CONFIRMED)
        and story.repair.home
        and story.repair.category.charge == RepairCategory.Charge.QUOTED
        and story.repair.resident_id not in tried
    ]
    priced.sort(key=lambda story: (story.repair.status_changed_at, story.repair.pk), reverse=True)
    for estate in {story.repair.estate_id for story in priced}:
        for story in [one for one in priced if one.repair.estate_id == estate][:BILLED]:
            _bill(story)


def _bill(story: Story) -> None:
    repair = story.repair
    done = next(change for change in story.changes if change.to_status == Status.DONE)
    fen, what = words.QUOTES.get(motif_of(repair.category), words.QUOTES[""])[0]
    repair.quote_fen = repair.agreed_fen = fen
    repair.quote_words = repair.agreed_words = what
    repair.save(update_fields=["quote_fen", "quote_words", "agreed_fen", "agreed_words"])
    begun = story.changes[story.changes.index(done) - 1]
    third = (done.at - begun.at) / 3
    steps = (
        (Status.IN_WORK, Status.QUOTED, done.actor, begun.at + third),
        (Status.QUOTED, Status.IN_WORK, repair.resident, begun.at + 2 * third),
    )
    RepairChange.objects.bulk_create(
        RepairChange(
            repair=repair,
            from_status=before,
            to_status=after,
            actor=actor,
            at=at,
            worker_name=done.worker_name,
            price_fen=fen,
        )
        for before, after, actor, at in steps
    )
    charge_agreed(repair, by=done.actor, now=done.at, tell=False)
