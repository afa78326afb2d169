"""The words to customers of a project: templates, their preview on a real complaint, what goes by itself."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.state import fold
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.notices.customers import counting, keeping, suggesting, templates
from shouwen.notices.customers.templates import Occasion, Wrong
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit, ledger

#: The figures look back so far.
LATELY = datetime.timedelta(days=30)
_LANGUAGES = [(each.value, each.label) for each in Staff.Language]


def _projects(person: Staff) -> QuerySet[Project]:
    kept = [
        each.pk
        for each in visible_to(person, Project).filter(is_active=True)
        if may(person, "edit_customer_words", each)
    ]
    return Project.objects.filter(pk__in=kept).order_by("code")


def _project(person: Staff, code: str) -> Project:
    found = visible_to(person, Project).filter(code=code).first()
    if found is None or not may(person, "edit_customer_words", found):
        raise Http404
    return found


@require_safe
@staff_page("edit_customer_words")
def projects(request: StaffRequest) -> HttpResponse:
    """The projects whose words one keeps; straight to them where there is one alone."""
    found = list(_projects(request.user))
    if len(found) == 1:
        return redirect("desk:customer-words-of", code=found[0].code)
    return render(request, "desk/settings/customer_words_projects.html", {"kept": found})


@require_http_methods(["GET", "POST"])
@staff_page("edit_customer_words")
def words(request: StaffRequest, code: str) -> HttpResponse:
    """One template: its text, the placeholders, its versions, and how it reads."""
    project = _project(request.user, code)
    said = request.POST or request.GET
    what, language = _asked(said)
    error, text = "", keeping.text_for(project.pk, what, language)
    if request.method == "POST":
        text = said.get("text", "")
        try:
            if "shipped" in said:
                keeping.back_to_shipped(project, what, language, by=request.user)
            else:
                keeping.keep(project, what, language, text, by=request.user)
            _noted(request, project, f"{what}:{language}")
            return redirect(f"{request.path}?of={what}&language={language}&kept=1")
        except Wrong as wrong:
            error = str(wrong)
    with timezone.override(zoneinfo.ZoneInfo(project.timezone)):
        return _page(request, project, what, language, text, error)


def _page(
    request: StaffRequest, project: Project, what: str, language: str, text: str, error: str
) -> HttpResponse:
    since = timezone.now() - LATELY
    versions = keeping.versions(project.pk, what, language)
    telling = keeping.telling(project.pk)
    context: dict[str, Any] = {
        "here": "settings",
        "project": project,
        "what": what,
        "language": language,
        "occasions": Occasion.choices,
        "languages": _LANGUAGES,
        "text": text,
        "error": error,
        "kept": request.GET.get("kept"),
        "own": bool(versions and versions[0].text),
        "versions": versions,
        "placeholders": [
            ("{" + name + "}", templates.PLACEHOLDERS[name], name in templates.NEEDED[what])
            for name in templates.KNOWN[what]
        ],
        "telling": telling,
        "automatic": [
            (name, Occasion(name).label, getattr(telling, name)) for name in keeping.AUTOMATIC
        ],
        "replies": counting.replies(project.pk, since),
        "by_itself": counting.by_itself(project.pk, since),
        "number": request.GET.get("number", ""),
    } | _preview(request.user, project, what, language, text, request.GET.get("number", ""))
    status = 422 if error else 200
    return render(request, "desk/settings/customer_words.html", context, status=status)


@require_POST
@staff_page("edit_customer_words")
def preview(request: StaffRequest, code: str) -> HttpResponse:
    """How the text that is being typed reads on a real complaint; nothing is kept."""
    project = _project(request.user, code)
    what, language = _asked(request.POST)
    text, number = request.POST.get("text", ""), request.POST.get("number", "")
    with timezone.override(zoneinfo.ZoneInfo(project.timezone)):
        context = _preview(request.user, project, what, language, text, number)
        return render(request, "desk/parts/customer_words.html", context)


@require_POST
@staff_page("edit_customer_words")
def automatic(request: StaffRequest, code: str) -> HttpResponse:
    """What goes by itself, and in which language."""
    project = _project(request.user, code)
    _what, language = _asked(request.POST)
    chosen = {name: request.POST.get(name) == "1" for name in keeping.AUTOMATIC}
    keeping.set_telling(project, language, chosen)
    _noted(request, project, ",".join(name for name, on in chosen.items() if on) or "–")
    return redirect(f"{reverse('desk:customer-words-of', args=[project.code])}?kept=1")


def _noted(request: StaffRequest, project: Project, what: str) -> None:
    audit.note(
        "project_changed", actor_id=request.user.pk, project_id=project.pk, customer_words=what
    )


def _asked(said: QueryDict) -> tuple[str, str]:
    what, language = said.get("of", ""), said.get("language", "")
    return (
        what if what in Occasion.values else str(Occasion.RECEIVED),
        language if language in templates.LANGUAGES else templates.LANGUAGES[0],
    )


def _preview(
    person: Staff, project: Project, what: str, language: str, text: str, number: str
) -> dict[str, Any]:
    """How it reads on the complaint of that number, else on the project's newest."""
    seen = visible_to(person, Complaint).filter(project=project, imported=False)
    if number:
        found = seen.filter(number=number.strip()).first()
        if found is None:
            return {"preview_error": _("没有这件投诉，或不在您的查看范围内")}
    else:
        found = seen.order_by("-received_at", "-pk").first()
        if found is None:
            return {"preview_error": _("还没有投诉可以预览")}
    try:
        text = templates.checked(what, text)
    except Wrong as wrong:
        return {"preview_error": str(wrong)}
    entries = ledger.entries(SUBJECT, found.pk, with_said=True)
    named = bool(may(person, "see_source", lifecycle.stand(person, found, fold(entries))))
    made = suggesting.composed(found, entries, what, language=language, text=text, named=named)
    return {"previewed": found, "made": made, "preview_language": language}
