"""Background tasks that belong to no app."""

import logging

from celery import shared_task

from community.core import (
    actions,
    audit,
    audit_check,
    audit_heads,
    audit_seals,
    clock,
    interrupted_forms,
    retention,
    speech,
)

logger = logging.getLogger(__name__)
# Findings of a check that are logged; ``manage.py check_audit`` prints more.
MAX_LOGGED = 100


@shared_task(queue="bulk")
def make_speech(sealed: str) -> None:
    """Makes a recording. The text is encrypted, so that the queue holds none."""
    wanted = speech.unseal(sealed)
    if wanted is not None:
        language, text = wanted
        speech.make(text, language)


@shared_task(queue="bulk")
def forget_old_recordings() -> int:
    """Deletes old recordings, whose texts may be personal; they are made again on request."""
    return speech.forget_recordings(before=clock.now() - speech.RECORDINGS_KEPT)


@shared_task(queue="bulk")
def make_export(pk: int) -> None:
    """Makes a requested export; does nothing if it is made or deleted."""
    actions.make_export(pk=pk, now=clock.now())


@shared_task
def sweep_exports() -> int:
    """Resumes interrupted exports and deletes old ones."""
    return actions.sweep_exports(now=clock.now())


@shared_task
def write_folded_failures() -> int:
    """Writes audit records for failures that were only counted."""
    return audit.write_folded(clock.now())


@shared_task
def seal_audit() -> int:
    """Seals new audit records, then sends the digests of the seals off the machine."""
    sealed = audit_seals.seal_records(now=clock.now())
    audit_heads.send_heads(now=clock.now())
    return sealed


@shared_task(queue="bulk")
def check_audit() -> int:
    """Checks the whole audit record for the auditor's page; logs what is wrong."""
    found = 0
    for problem in audit_check.problems(now=clock.now()):
        found += 1
        if found <= MAX_LOGGED:
            logger.error("audit: %s", problem)
    audit_check.note_check(found=found, now=clock.now())
    return found


@shared_task
def forget_unsent_forms() -> int:
    """Deletes kept forms whose person did not return."""
    return interrupted_forms.forget_old(now=clock.now())


@shared_task(queue="bulk")
def carry_out_retention() -> int:
    """Deletes every night what is no longer needed, and writes the report."""
    return retention.carry_out(clock.now())
