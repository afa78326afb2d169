"""Mapping by looking: each column of an uploaded file with what stands in it, beside our fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from pydantic import ValidationError

from shouwen.channels import bringing, choosing, dates, guessing
from shouwen.channels import mapping as mappings
from shouwen.channels.choosing import Chosen
from shouwen.channels.encodings import UnreadableFile
from shouwen.channels.labels import LABELS
from shouwen.channels.looking import Column, Look, look
from shouwen.channels.mapping import CHOICES, File, MappingError
from shouwen.channels.models import ImportFile, KeptMapping
from shouwen.complaints.models import Category
from shouwen.desk import words
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.imports import file_for

ENCODINGS = (
    ("auto", gettext_lazy("自动识别")),
    ("utf-8", "UTF-8"),
    ("gb18030", "GB18030"),
    ("big5", "Big5"),
)
DELIMITERS = (
    (",", gettext_lazy("逗号")),
    (";", gettext_lazy("分号")),
    ("\t", gettext_lazy("制表符")),
    ("|", gettext_lazy("竖线")),
)


@dataclass(frozen=True)
class Value:
    """A value of the file, how often it was met, and what it is chosen to be."""

    text: str
    times: int
    ours: str


@dataclass(frozen=True)
class Way:
    """A way to read the dates of a column, with its first value read so."""

    name: str
    label: str
    example: str


@dataclass(frozen=True)
class Line:
    """A column on the page, with what its choice asks further."""

    column: Column
    field: str
    ways: list[Way]
    order: str
    values: list[Value]
    choices: list[tuple[str, str]]
    otherwise: str


@require_http_methods(["GET", "POST"])
@staff_page("import_complaints")
def mapping(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What the columns are (GET, or POST with `look`: with other choices); POST keeps it and tries."""
    file = _present(request, pk)
    try:
        seen = look(file.path, file.how)
    except UnreadableFile as reason:
        told = str(reason).replace(file.path.name, file.name)
        return _unreadable(request, file, told)
    met = _met(file)
    base = file.mapped
    if request.method == "GET":
        chosen = choosing.of_mapping(base, seen, met) if base else choosing.guessed(seen)
        return _page(request, file, seen, chosen)
    chosen = choosing.completed(_told(request, seen), seen, met)
    if "look" in request.POST:
        return _page(request, file, seen, chosen)
    try:
        made = choosing.to_mapping(chosen, seen, file.how, base)
    except MappingError as reason:
        return _page(request, file, seen, chosen, str(reason).splitlines(), 422)
    file.mapping = mappings.written(made)
    file.save(update_fields=["mapping"])
    if name := request.POST.get("keep", "").strip()[:60]:
        KeptMapping.objects.update_or_create(
            name=name,
            defaults={"text": file.mapping, "staff": request.user, "kept_at": timezone.now()},
        )
    bringing.ask(file, request.user, dry_run=True)
    return redirect("desk:import", file.pk)


@require_POST
@staff_page("import_complaints")
def reading(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Read the file in another way: its encoding, its sheet, the line of the column names."""
    file = _present(request, pk)
    header = request.POST.get("header", "1")
    told = {
        "encoding": request.POST.get("encoding", "auto"),
        "delimiter": request.POST.get("delimiter", ","),
        "sheet": request.POST.get("sheet", ""),
        "header": int(header) if header.isdigit() else 1,
    }
    try:
        how = File.model_validate(told)
    except ValidationError:
        raise Http404 from None
    try:
        look(file.path, how)
    except UnreadableFile as reason:
        return _unreadable(request, file, str(reason).replace(file.path.name, file.name), how)
    file.reading = how.model_dump(exclude_defaults=True)
    file.mapping = ""
    file.save(update_fields=["reading", "mapping"])
    return redirect("desk:import-mapping", file.pk)


@require_POST
@staff_page("import_complaints")
def take(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Begin from a mapping: a shipped one, one kept under a name, or an uploaded file."""
    file = _present(request, pk)
    try:
        made = _asked_for(request)
        seen = look(file.path, made.file)
    except (MappingError, UnreadableFile) as reason:
        told = str(reason).replace(file.path.name, file.name)
        return _refused(request, file, told.splitlines())
    if not choosing.fits(made, seen):
        missing = sorted(
            {each for columns in made.columns.values() for each in columns}
            - {column.name for column in seen.columns}
        )
        told = _("这份对照不适合这个文件：文件里没有这些列：{columns}")
        return _refused(request, file, [told.format(columns=words.listed(missing))])
    file.reading = made.file.model_dump(exclude_defaults=True)
    file.mapping = mappings.written(made)
    file.save(update_fields=["reading", "mapping"])
    return redirect("desk:import-mapping", file.pk)


@require_GET
@staff_page("import_complaints")
def download(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The mapping as a TOML file, for the command line and for other installations."""
    file = file_for(request, pk)
    made = file.mapped
    if made is None:
        raise Http404
    return HttpResponse(
        file.mapping,
        content_type="application/toml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{made.source}.toml"'},
    )


def _present(request: StaffRequest, pk: UUID) -> ImportFile:
    file = file_for(request, pk)
    if file.removed_at is not None:
        raise Http404
    return file


def _asked_for(request: StaffRequest) -> mappings.Mapping:
    upload = request.FILES.get("mapping")
    if upload is not None:
        name = upload.name or ""
        try:
            return mappings.parsed(upload.read(1 << 20).decode(), name)
        except UnicodeDecodeError:
            raise MappingError(_("{name} 不是对照文件").format(name=name)) from None
    kind, _sign, name = request.POST.get("known", "").partition(":")
    if kind == "shipped" and name in mappings.shipped():
        return mappings.load(mappings.SHIPPED / f"{name}.toml")
    kept = (
        KeptMapping.objects.filter(pk=name).first() if kind == "kept" and name.isdigit() else None
    )
    if kept is None:
        raise MappingError(_("请选择一份对照。"))
    return mappings.parsed(kept.text, kept.name)


def _met(file: ImportFile) -> dict[str, list[str]]:
    """Values that the last run met and the mapping did not know."""
    run = file.runs.order_by("-asked_at").first()
    return run.unknown if run else {}


def _told(request: StaffRequest, seen: Look) -> Chosen:
    """The choices of the form."""
    post = request.POST
    chosen = Chosen(source=post.get("source", "").strip())
    for column in seen.columns:
        field = post.get(f"column-{column.place}", "")
        if field in LABELS:
            chosen.fields[column.name] = field
    for name in guessing.OF_TIME:
        chosen.orders[name] = post.get(f"order-{name}", "")
    for name in guessing.OF_VALUES:
        pairs = zip(post.getlist(f"given-{name}"), post.getlist(f"ours-{name}"), strict=False)
        chosen.values[name] = dict(pairs)
        if otherwise := post.get(f"otherwise-{name}", ""):
            chosen.otherwise[name] = otherwise
    for name, usual in choosing.CONSTANTS.items():
        chosen.constants[name] = post.get(f"constant-{name}", usual)
    chosen.closing_time_wins = "closing_time_wins" in post
    return chosen


# -- the page


def _page(
    request: StaffRequest,
    file: ImportFile,
    seen: Look,
    chosen: Chosen,
    wrong: Iterable[str] = (),
    status: int = 200,
) -> HttpResponse:
    choices = _choices()
    context = _frame(file, file.how, seen) | {
        "seen": seen,
        "source": chosen.source,
        "lines": [_line(column, chosen, choices) for column in seen.columns],
        "labels": LABELS.items(),
        "constants": [
            (name, LABELS[name], choices[name], chosen.constants[name])
            for name in choosing.CONSTANTS
            if not chosen.columns(name)
        ],
        "closing_time_wins": chosen.closing_time_wins,
        "both": bool(chosen.columns("status") and chosen.columns("closed_at")),
        "wrong": list(wrong),
        "known": _known(seen),
    }
    part = request.htmx and "look" in request.POST
    template = "desk/imports/columns.html" if part else "desk/imports/mapping.html"
    return render(request, template, context, status=status)


def _refused(request: StaffRequest, file: ImportFile, wrong: list[str]) -> HttpResponse:
    seen = look(file.path, file.how)
    base = file.mapped
    chosen = choosing.of_mapping(base, seen) if base else choosing.guessed(seen)
    return _page(request, file, seen, chosen, wrong, 422)


def _unreadable(
    request: StaffRequest, file: ImportFile, sentence: str, how: File | None = None
) -> HttpResponse:
    """The file cannot be read this way: only the ways to read it are offered."""
    context = _frame(file, how or file.how, None) | {"unreadable": sentence}
    return render(request, "desk/imports/mapping.html", context, status=422)


def _frame(file: ImportFile, how: File, seen: Look | None) -> dict[str, Any]:
    return {
        "here": "imports",
        "file": file,
        "how": how,
        "encodings": ENCODINGS,
        "delimiters": DELIMITERS,
        "sheets": seen.sheets if seen else [],
    }


def _choices() -> dict[str, list[tuple[str, str]]]:
    """Our words for each field of words, with their labels."""
    found = {
        name: [(value, str(label)) for value, label in choices.choices]
        for name, choices in CHOICES.items()
    }
    categories = Category.objects.filter(is_active=True).select_related("parent")
    found["category"] = [(each.code, str(each)) for each in categories.order_by("order", "code")]
    found["status"] = [("open", _("未结")), ("closed", _("已结"))]
    return found


def _line(column: Column, chosen: Chosen, choices: Mapping[str, list[tuple[str, str]]]) -> Line:
    field = chosen.fields.get(column.name, "")
    values = chosen.values.get(field, {}) if field in guessing.OF_VALUES else {}
    return Line(
        column=column,
        field=field,
        ways=_ways(column, chosen.orders.get(field, "")) if field in guessing.OF_TIME else [],
        order=chosen.orders.get(field, ""),
        values=sorted(
            (Value(text, column.values.get(text, 0), ours) for text, ours in values.items()),
            key=lambda value: -value.times,
        ),
        choices=choices.get(field, []),
        otherwise=chosen.otherwise.get(field, ""),
    )


def _ways(column: Column, chosen: str) -> list[Way]:
    """The ways that fit the values; the one of a mapping where none of ours says it."""
    found = []
    for name, formats in column.orders.items():
        hits = ((text, dates.read(text, formats)) for text in column.values)
        text, hit = next(((text, hit) for text, hit in hits if hit), ("", None))
        example = f"{text} → {hit[1]:%Y-%m-%d}" if hit else ""
        found.append(Way(name, str(dates.ORDERS[name].label), example))
    if chosen == choosing.AS_MAPPED:
        found.append(Way(chosen, _("按所用对照"), ""))
    return found


def _known(seen: Look) -> list[tuple[str, str]]:
    """The shipped and kept mappings that fit this file."""
    found = [(f"kept:{each.pk}", each.name, each.text) for each in KeptMapping.objects.all()]
    for name in mappings.shipped():
        path = mappings.SHIPPED / f"{name}.toml"
        found.append((f"shipped:{name}", name, path.read_text(encoding="utf-8")))
    return [(key, name) for key, name, text in found if _fits(text, name, seen)]


def _fits(text: str, name: str, seen: Look) -> bool:
    try:
        return choosing.fits(mappings.parsed(text, name), seen)
    except MappingError:
        return False  # kept by an older version of the software
