"""Worker's phone pages: the jobs, one job, and its verbs, online and offline."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.policies import Role, estates_of
from community.core import clock
from community.notifications.models import InboxNotice
from services.common.actions import board_topic
from services.common.submissions import derived_key, was_submitted
from services.common.verb_pages import form_named, forms_for
from services.common.work import estates_to_work_in, frame_context
from services.repairs import actions, policies, queries, timeline
from services.repairs.actions.steps import record_number_read
from services.repairs.forms.work import WORK_FORMS, WaitingForm, WorkForm
from services.repairs.models import Repair

SHOWN_DONE = 10


@login_required
@require_GET
def jobs(request: SignedInRequest) -> HttpResponse:
    """Lists the worker's jobs in order, and jobs that can be taken."""
    return render(request, "repairs/work/jobs.html", _jobs_context(request))


@login_required
@require_GET
def jobs_live(request: SignedInRequest) -> HttpResponse:
    return render(request, "repairs/work/jobs_live.html", _jobs_context(request))


def _jobs_context(request: SignedInRequest) -> dict[str, Any]:
    estates = estates_to_work_in(request.user, Role.REPAIR_WORKER)
    mine = list(queries.jobs_of(request.user))
    done = queries.done_today(request.user, clock.now())
    waiting = {Repair.Status.ASSIGNED, Repair.Status.IN_WORK}
    return frame_context(estates[0]) | {
        "to_do": [job for job in mine if job.status in waiting],
        "waiting": [job for job in mine if job.status not in waiting],
        "free": list(queries.jobs_to_take(request.user)[: queries.LIMIT]),
        "done": list(done[:SHOWN_DONE]),
        "has_estates": len(estates) > 1,
        "topics": [f"worker:{request.user.pk}", *(board_topic(estate.pk) for estate in estates)],
    }


def _job_rows(user: User) -> QuerySet[Repair]:
    """Returns the worker's own jobs, and jobs without a worker in their estates."""
    mine_or_free = Q(worker=user) | Q(worker=None, status__in=Repair.TAKEABLE)
    estates = estates_of(user, Role.REPAIR_WORKER)
    return Repair.objects.visible_to(user).filter(mine_or_free, estate__in=estates).with_people()


@login_required
@require_GET
def job(request: SignedInRequest, pk: int) -> HttpResponse:
    """Shows one job with everything needed on the spot; the phone stores the page for use offline."""
    repair = _job_rows(request.user).filter(pk=pk).first()
    if repair is None:
        return _gone_page(request)
    if repair.worker_id == request.user.pk:
        record_number_read(request, repair, by=request.user)
    return render(request, "repairs/work/job.html", _job_context(request, repair))


def _gone_page(request: SignedInRequest) -> HttpResponse:
    """Says that a job was cancelled or given to another worker, if the worker was notified of it before; else
    404.

    It does not redirect: the phone's script reads a redirect as signed out.
    """
    if not InboxNotice.objects.visible_to(request.user).filter(url=request.path).exists():
        raise Http404
    return render(
        request,
        "repairs/work/gone.html",
        frame_context(estates_to_work_in(request.user, Role.REPAIR_WORKER)[0]),
    )


@login_required
@require_GET
def job_live(request: SignedInRequest, pk: int) -> HttpResponse:
    repair = get_object_or_404(_job_rows(request.user), pk=pk)
    return render(request, "repairs/work/job_live.html", _job_context(request, repair))


def _job_context(
    request: SignedInRequest, repair: Repair, *, tried: WorkForm | None = None
) -> dict[str, Any]:
    verbs = policies.allowed_verbs(request.user, repair)
    given: dict[str, Any] = {"repair": repair, "by": request.user, "page_key": uuid4()}
    forms = forms_for(WORK_FORMS, verbs, lambda kind: kind(**given), tried=tried)
    begun = {form.slug for form in forms}
    later = [kind for kind in WORK_FORMS if begun & set(kind.after) and kind.slug not in begun]
    return frame_context(repair.estate) | {
        "repair": repair,
        "state": queries.STAFF_WORDS[repair.status],
        "tone": queries.TONES.get(repair.status, "plain"),
        "forms": forms,
        "later": [kind(**given) for kind in later],
        "tried": tried,
        "entries": timeline.entries(repair, request.user, is_staff=True),
        "pictures": list(repair.pictures.all()),
        "recordings": list(repair.recordings.all()),
    }


@login_required
@require_http_methods(["GET", "POST"])
def act(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """Takes a verb on a job. Sending it again gets the same answer as the first time."""
    form_class = form_named(WORK_FORMS, verb)
    if request.method == "GET":
        return redirect("work_job", pk=pk)
    if _is_repeated(request, verb):
        return _success_response(request, pk)
    repair = get_object_or_404(_job_rows(request.user), pk=pk)
    form = form_class(request.POST, request.FILES, repair=repair, by=request.user)
    if form.carry_out(now=clock.now()):
        return _success_response(request, pk)
    return _refusal_response(request, repair, form)


def _is_repeated(request: SignedInRequest, verb: str) -> bool:
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return False
    return was_submitted(key=derived_key(key, verb), worker=request.user)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _success_response(request: SignedInRequest, pk: int) -> HttpResponse:
    """Redirects to the job, or to the list if it is no longer in hand."""
    in_hand = _job_rows(request.user).filter(pk=pk, status__in=Repair.IN_HAND).exists()
    url = reverse("work_job", args=[pk]) if in_hand else reverse("work")
    if _wants_json(request):
        return JsonResponse({"url": url})
    messages.success(request, _("Sent."))
    return redirect(url)


def _refusal_response(request: SignedInRequest, repair: Repair, form: WorkForm) -> HttpResponse:
    """Shows the form again with the problem of each field."""
    refusal = form.refusal
    status = refusal.status if refusal is not None and refusal.status != 400 else 422
    if _wants_json(request):
        errors = {name: [str(error) for error in found] for name, found in form.errors.items()}
        return JsonResponse({"errors": errors}, status=status)
    return render(request, "repairs/work/job.html", _job_context(request, repair, tried=form), status=status)


@login_required
@require_POST
def waiting(request: SignedInRequest) -> JsonResponse:
    """Stores the number of entries on the phone that have not arrived, and since when."""
    estates_to_work_in(request.user, Role.REPAIR_WORKER)
    form = WaitingForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    actions.record_unsent_entries(worker=request.user, now=clock.now(), **form.cleaned_data)
    return JsonResponse({})
