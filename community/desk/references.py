"""From a reference that somebody wrote down to the page where staff see it."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET

from accounts.http import SignedInRequest
from accounts.policies import estates_of
from community.core.services import declared
from community.core.services.staff import StaffPage


def page_of(reference: str) -> StaffPage | None:
    """The page of what this reference names, by its first letter."""
    letter = reference[:1].upper()
    return next((one.references[letter] for one in declared() if letter in one.references), None)


@login_required
@require_GET
def by_reference(request: SignedInRequest, estate_pk: int, reference: str) -> HttpResponse:
    """Redirects to the page, which checks itself whether this person may see it."""
    readers = {role for service in declared() for role in service.reference_readers}
    # Without any role of such a service nothing opens; no role named would mean any.
    if not readers:
        raise Http404
    estate = get_object_or_404(estates_of(request.user, *sorted(readers)), pk=estate_pk)
    page = page_of(reference)
    if page is None or not reference.isprintable():
        # PostgreSQL has no text with a zero in it.
        raise Http404
    found = get_object_or_404(page.model.objects.filter(reference=reference.upper()), estate=estate)
    return redirect(page.url_name, pk=found.pk)
