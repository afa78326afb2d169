"""A project's own words and what it sends by itself: reading them, and changing them by new versions."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max

from shouwen.notices.customers import templates
from shouwen.notices.customers.kept import CustomerTelling, CustomerTemplate
from shouwen.organization.models import Project, Staff

#: What may be sent by itself, when it is switched on.
AUTOMATIC = ("received", "delayed", "result")


def own(project_id: int, occasion: str, language: str) -> CustomerTemplate | None:
    """The project's own template in force; None where it uses what ships."""
    last = versions(project_id, occasion, language)[:1]
    return last[0] if last and last[0].text else None


def versions(project_id: int, occasion: str, language: str) -> list[CustomerTemplate]:
    """All versions, the newest first; one with an empty text went back to what ships."""
    found = CustomerTemplate.objects.filter(
        project=project_id, occasion=occasion, language=language
    )
    return list(found.select_related("made_by").order_by("-version"))


def text_for(project_id: int, occasion: str, language: str) -> str:
    """The template in force: the project's own, else what ships."""
    found = own(project_id, occasion, language)
    return found.text if found else templates.shipped(occasion, language)


def keep(project: Project, occasion: str, language: str, text: str, *, by: Staff) -> None:
    """Make this the template in force, as a new version. Raises `templates.Wrong`."""
    _add(project, occasion, language, templates.checked(occasion, text), by)


def back_to_shipped(project: Project, occasion: str, language: str, *, by: Staff) -> None:
    """Use what ships again; the versions there were stay."""
    if own(project.pk, occasion, language) is not None:
        _add(project, occasion, language, "", by)


def _add(project: Project, occasion: str, language: str, text: str, by: Staff) -> None:
    with transaction.atomic():
        # Two who save at once get two versions, one after the other.
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        found = CustomerTemplate.objects.filter(
            project=project, occasion=occasion, language=language
        )
        last = found.aggregate(last=Max("version"))["last"] or 0
        CustomerTemplate.objects.create(
            project=project,
            occasion=occasion,
            language=language,
            version=last + 1,
            text=text,
            made_by=by,
        )


def telling(project_id: int) -> CustomerTelling:
    """What the project sends by itself; nothing where nobody has said so."""
    found = CustomerTelling.objects.filter(project=project_id).first()
    return found or CustomerTelling(project_id=project_id)


def set_telling(project: Project, language: str, automatic: Mapping[str, bool]) -> None:
    """Say what is sent by itself, and in which language."""
    CustomerTelling.objects.update_or_create(
        project=project,
        defaults={"language": language} | {name: automatic[name] for name in AUTOMATIC},
    )
