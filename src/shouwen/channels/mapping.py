"""The mapping file (TOML): which column of somebody else's file is what here."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as AnyMapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tomli_w
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shouwen.channels.encodings import CODECS
from shouwen.complaints.words import Channel, Severity
from shouwen.organization.models import Customer

SHIPPED = Path(__file__).parent / "mappings"
ISO = "iso"

_MESSAGES: dict[str, str | Promise] = {
    "missing": gettext_lazy("缺少这一项"),
    "extra_forbidden": gettext_lazy("没有这一项设置"),
    "string_type": gettext_lazy("应为文字"),
    "string_too_short": gettext_lazy("不能为空"),
    "string_pattern_mismatch": gettext_lazy("只用小写字母、数字和短横，最多 24 字"),
    "list_type": gettext_lazy("应为列表"),
    "dict_type": gettext_lazy("应为表"),
    "bool_type": gettext_lazy("应为 true 或 false"),
    "int_type": gettext_lazy("应为整数"),
    "greater_than_equal": gettext_lazy("数字太小"),
    "literal_error": gettext_lazy("不是可选的值"),
}


class MappingError(Exception):
    """The mapping cannot be used; the message names file, key and reason, one a line."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Name = Annotated[str, StringConstraints(min_length=1)]


def _wrong(words: str) -> PydanticCustomError:
    return PydanticCustomError("mapping", "{words}", {"words": words})


class File(_Part):
    """How the file is written. `header` is the line of the column names, counted from 1."""

    encoding: Literal["auto", "utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312", "big5"] = "auto"
    delimiter: Literal[",", ";", "\t", "|"] = ","
    sheet: str = ""
    header: Annotated[int, Field(ge=1)] = 1

    @property
    def codec(self) -> str | None:
        """Python's codec; None where it is to be found out."""
        return CODECS.get(self.encoding)


class Words(_Part):
    """A text: one column, several joined (empty ones left out), or the same for every row."""

    column: Name | None = None
    columns: list[Name] = []
    join: str = "\n"
    constant: str = ""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(map(bool, (self.column, self.columns, self.constant))) != 1:
            raise _wrong(_("column、columns、constant 三者填一"))
        return self

    @property
    def sources(self) -> list[str]:
        """The columns it is taken from."""
        return [self.column] if self.column else self.columns


class Moment(_Part):
    """A time: its formats (strptime, or "iso") tried in order, in a time zone (default: the
    project's)."""

    column: Name
    formats: Annotated[list[Name], Field(min_length=1)] = [ISO]
    timezone: Name | None = None

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            return value and ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise _wrong(_("没有这个时区")) from None

    @field_validator("formats")
    @classmethod
    def _usable(cls, value: list[str]) -> list[str]:
        for each in value:
            try:
                if each != ISO:
                    datetime.strptime(datetime(2020, 1, 2).strftime(each), each)
            except ValueError:
                raise _wrong(_("“{format}”不是时间格式").format(format=each)) from None
        return value

    @property
    def sources(self) -> list[str]:
        """The column it is taken from."""
        return [self.column]


class Code(_Part):
    """A word of ours: a column whose values are translated, or the same for every row.

    `values` maps what stands in the file; without it the column holds our words. What is not in it
    becomes `otherwise`; without that, the row is rejected. An empty cell is looked up as "".
    """

    column: Name | None = None
    constant: str = ""
    values: dict[str, str] = {}
    otherwise: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.column) == bool(self.constant):
            raise _wrong(_("column、constant 二者填一"))
        return self

    @property
    def sources(self) -> list[str]:
        """The column it is taken from, if any."""
        return [self.column] if self.column else []

    @property
    def codes(self) -> set[str]:
        """Every word of ours that the mapping itself names."""
        return {*self.values.values(), self.constant, self.otherwise or ""} - {""}


class HomeText(_Part):
    """The home as people write it (3栋1单元802), in one column or several. It must be known."""

    column: Name | None = None
    columns: list[Name] = []
    join: str = "-"

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if bool(self.column) == bool(self.columns):
            raise _wrong(_("column、columns 二者填一"))
        return self

    @property
    def sources(self) -> list[str]:
        """The columns it is taken from."""
        return [self.column] if self.column else self.columns


class Fields(_Part):
    """Where each part of the standard record [A2] comes from."""

    external_id: Words | None = None
    received_at: Moment
    closed_at: Moment | None = None
    subject: Words | None = None
    content: Words | None = None
    wish: Words | None = None
    place: Words | None = None
    happened: Words | None = None
    reach_when: Words | None = None
    reply: Words | None = None
    name: Words | None = None
    telephone: Words | None = None
    relation: Code | None = None
    home: HomeText | None = None
    category: Code | None = None
    severity: Code = Code(constant=Severity.ROUTINE.value)
    channel: Code = Code(constant=Channel.IMPORT.value)

    @field_validator("severity", "channel", "relation")
    @classmethod
    def _known_words(cls, value: Code | None, info: Any) -> Code | None:
        unknown = value.codes - set(CHOICES[info.field_name].values) if value else set()
        if unknown:
            raise _wrong(_("没有这样的值：{codes}").format(codes=_("、").join(sorted(unknown))))
        return value

    @model_validator(mode="after")
    def _something_said(self) -> Self:
        if self.subject is None and self.content is None:
            raise _wrong(_("subject 与 content 至少填一项"))
        return self

    @property
    def given(self) -> dict[str, Words | Moment | Code | HomeText]:
        """The fields that the mapping fills, by name."""
        return {
            name: value
            for name in type(self).model_fields
            if (value := getattr(self, name)) is not None
        }


CHOICES: dict[str, type[TextChoices]] = {
    "severity": Severity,
    "channel": Channel,
    "relation": Customer.Relation,
}


class Standing(_Part):
    """Which rows are still open. With `closed` given, any other value rejects the row.

    A row that is open and has a closing time contradicts itself and is rejected, unless
    `closing_time_wins`: it counts as closed then.
    """

    column: Name
    open: Annotated[list[str], Field(min_length=1)]
    closed: list[str] = []
    closing_time_wins: bool = False


class Skip(_Part):
    """Rows that are left out by intention: those whose column holds one of the values."""

    column: Name
    values: Annotated[list[str], Field(min_length=1)]


class Mapping(_Part):
    """A whole mapping file. `source` keeps the ids of one system apart from those of another."""

    source: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,23}$")]
    project: str = ""
    file: File = File()
    fields: Fields
    status: Standing | None = None
    skip: list[Skip] = []

    @property
    def columns(self) -> dict[str, list[str]]:
        """The columns that the file must have, by the key that names them."""
        named = {f"fields.{name}": value.sources for name, value in self.fields.given.items()}
        if self.status:
            named["status.column"] = [self.status.column]
        for place, skip in enumerate(self.skip):
            named[f"skip.{place}.column"] = [skip.column]
        return named


def shipped() -> list[str]:
    """The short names of the mappings that come with the product."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def find(name: str, file: Path) -> Path:
    """The mapping file: a path, or the short name of a shipped one.

    Without a name it is the one beside the file (NAME.toml), else the shipped one of that name.
    """
    if name:
        candidates = [Path(name), SHIPPED / f"{name}.toml"]
    else:
        candidates = [file.with_suffix(".toml"), SHIPPED / f"{file.stem}.toml"]
    for path in candidates:
        if path.is_file():
            return path
    words = (
        _("找不到对照文件 {name}；随产品提供的有：{shipped}")
        if name
        else _("请用 --mapping 指明对照文件；随产品提供的有：{shipped}")
    )
    raise MappingError(words.format(name=name, shipped=_("、").join(shipped())))


def load(path: Path) -> Mapping:
    """Read a mapping. Raises MappingError naming the file, the key and what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise MappingError(f"{path.name}: {error}") from None
    except OSError as error:
        raise MappingError(f"{path.name}: {error.strerror}") from None
    return parsed(text, path.name)


def parsed(text: str, name: str) -> Mapping:
    """A mapping from its TOML text, `name` being what errors call it. Raises MappingError."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{name}: {error}") from None
    return validated(told, name)


def validated(told: AnyMapping[str, Any], name: str) -> Mapping:
    """A mapping from its values. Raises MappingError."""
    try:
        return Mapping.model_validate(told)
    except ValidationError as error:
        raise MappingError(
            "\n".join(
                f"{name}: {_key(each['loc'])}: {_said(each)}"
                for each in error.errors(include_url=False, include_input=False)
            )
        ) from None


def written(mapping: Mapping) -> str:
    """The mapping as TOML."""
    return tomli_w.dumps(mapping.model_dump(exclude_defaults=True, exclude_none=True))


def _key(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or _("整个文件")


def _said(error: AnyMapping[str, Any]) -> str:
    return str(_MESSAGES.get(error["type"], error["msg"]))
