"""E-mail at the front desk: what was held or set aside, one message read safely, and what to do with it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shouwen.channels.arriving import NobodyAnswers
from shouwen.channels.mail import handling, raw, wording
from shouwen.channels.mail.kept import IncomingMail
from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import Refused
from shouwen.complaints.state import fold
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.complaint import complaint_for
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit, enciphered, ledger

State = IncomingMail.State
#: Shown of what is decided.
_MOST = 100


def _visible(person: Staff) -> QuerySet[IncomingMail]:
    return visible_to(person, IncomingMail).select_related("project", "complaint", "handled_by")


def _mail_for(person: Staff, pk: Any) -> IncomingMail:
    mail = get_object_or_404(_visible(person), pk=pk)
    if not may(person, "handle_mail", mail):
        raise Http404
    return mail


@require_safe
@staff_page("handle_mail")
def mails(request: StaffRequest) -> HttpResponse:
    """What waits for a decision, the oldest first; then what came lately."""
    visible = _visible(request.user)
    waiting = list(visible.filter(state=State.HELD).order_by("arrived_at"))
    lately = list(visible.exclude(state=State.HELD).order_by("-arrived_at")[:_MOST])
    rows = [{"mail": each, "why": wording.why(each.why)} for each in (*waiting, *lately)]
    context = {
        "waiting": rows[: len(waiting)],
        "lately": rows[len(waiting) :],
        "done": request.GET.get("done", ""),
    }
    return render(request, "desk/mail/list.html", context)


@require_safe
@staff_page("handle_mail")
def mail(request: StaffRequest, pk: Any) -> HttpResponse:
    """One message, as text."""
    found = _mail_for(request.user, pk)
    audit.note("mail_seen", actor_id=request.user.pk, project_id=found.project_id)
    return mail_page(request, found)


def mail_page(
    request: StaffRequest, found: IncomingMail, *, refused: str = "", status: int = 200
) -> HttpResponse:
    """The page, with what was refused."""
    letter = raw.letter(found) if found.readable else None
    context = {
        "mail": found,
        "letter": letter,
        "notes": [wording.NOTES[each] for each in letter.notes if each in wording.NOTES]
        if letter
        else [],
        "why": wording.why(found.why),
        "undecided": found.state in handling.UNDECIDED,
        "held": found.state == State.HELD,
        "refused": refused,
        "number": request.POST.get("number", found.complaint.number if found.complaint else ""),
    }
    return render(request, "desk/mail/one.html", context, status=status)


@require_POST
@staff_page("handle_mail")
def take_up(request: StaffRequest, pk: Any) -> HttpResponse:
    """Make it a complaint."""
    found = _mail_for(request.user, pk)
    try:
        complaint = handling.to_complaint(found, request.user)
    except NobodyAnswers:
        return mail_page(request, found, refused=_("现在没有人在岗，请先安排值班"), status=409)
    except (Refused, handling.Decided, handling.Unreadable) as error:
        return mail_page(request, found, refused=_words(error), status=409)
    return redirect("desk:complaint", complaint.number)


@require_POST
@staff_page("handle_mail")
def add(request: StaffRequest, pk: Any) -> HttpResponse:
    """Add it to a complaint that its writer means."""
    found = _mail_for(request.user, pk)
    number = request.POST.get("number", "").strip().upper()[:40]
    complaint = (
        visible_to(request.user, Complaint)
        .filter(number=number, project=found.project_id)
        .select_related("project")
        .first()
    )
    if complaint is None:
        return mail_page(
            request, found, refused=_("这个项目里没有这个编号的投诉，或您不能查看"), status=422
        )
    try:
        handling.add_to(found, complaint, request.user)
    except (Refused, handling.Decided, handling.Unreadable) as error:
        return mail_page(request, found, refused=_words(error), status=409)
    return redirect("desk:complaint", complaint.number)


@require_POST
@staff_page("handle_mail")
def discard(request: StaffRequest, pk: Any) -> HttpResponse:
    """Set it aside, with the reason."""
    found = _mail_for(request.user, pk)
    try:
        handling.discard(found, request.user, request.POST.get("reason", ""))
    except ValueError:
        return mail_page(request, found, refused=_("请写明不受理的原因"), status=422)
    except handling.Decided as error:
        return mail_page(request, found, refused=_words(error), status=409)
    return redirect("/mail/?done=discarded")


@require_safe
@staff_page("handle_mail")
def download(request: StaffRequest, pk: Any) -> HttpResponseBase:
    """The raw message as a file, never shown by the browser itself; written down."""
    found = _mail_for(request.user, pk)
    try:
        content = raw.read(found)
    except (FileNotFoundError, enciphered.Altered):
        raise Http404 from None
    audit.note("mail_downloaded", actor_id=request.user.pk, project_id=found.project_id)
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{found.pk}.eml"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@staff_page("see_source")
def customer_address(request: StaffRequest, number: str) -> HttpResponse:
    """The whole e-mail address of a complaint's customer, asked for by a click and written down."""
    found = complaint_for(request.user, number)
    at = lifecycle.stand(request.user, found, fold(ledger.entries(SUBJECT, found.pk)))
    if not may(request.user, "see_source", at):
        return HttpResponse(status=403)
    audit.note(
        "email_seen",
        actor_id=request.user.pk,
        subject_type=SUBJECT,
        subject_id=found.pk,
        project_id=found.project_id,
    )
    return render(request, "desk/parts/email.html", {"complaint": found})


def _words(error: Exception) -> str:
    if isinstance(error, Refused):
        return str(error.words)
    if isinstance(error, handling.Decided):
        return _("同事已经处理了这封来信，请刷新页面")
    return _("原始邮件读不出来，不能登记；请到邮箱里查看")
