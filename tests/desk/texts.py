"""Finding the texts of the source: those marked for translation, and those that are not.

The same texts that `django-admin makemessages` finds, without needing gettext's tools: Python by
its syntax tree, templates by Django's own `templatize`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.utils.translation.template import templatize

import shouwen

SOURCE = Path(shouwen.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff\u3000-\u303f\uff01-\uff5e\u201c\u201d]")

# Which arguments of each function are the context, the text and its plural.
MARKS = {
    "_": (None, 0, None),
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
_STRING = r"u?(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"
_CALL = re.compile(rf"(?<![\w.])(_|n?p?gettext)\(((?:\s*(?:{_STRING})\s*,?)+)\s*(?:count\s*)?\)")
_COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}", re.S)
_TRANSLATED = re.compile(
    r"\{% *blocktrans(?:late)?\b.*?%\}.*?\{% *endblocktrans(?:late)? *%\}"
    r"|\{% *trans(?:late)? .*?%\}",
    re.S,
)


class Text(NamedTuple):
    """A text to be translated, as a catalogue knows it."""

    context: str | None
    text: str
    plural: str | None


class Found(NamedTuple):
    """Something found in a file of the source."""

    path: str
    line: int
    what: str


def python_files() -> Iterator[Path]:
    """The modules of the package; migrations only repeat what models say."""
    return (path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts)


def templates() -> Iterator[Path]:
    """The templates of the package."""
    return iter(sorted(SOURCE.rglob("templates/**/*.html")))


def marked() -> set[Text]:
    """Every text of the source that is marked for translation."""
    return {text for path in python_files() for text in in_python(path)} | {
        text for path in templates() for text in in_template(path)
    }


def in_python(path: Path) -> Iterator[Text]:
    """The texts marked in one module."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and _name(node) in MARKS:
            said = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
            yield from _text(_name(node), said)


def in_template(path: Path) -> Iterator[Text]:
    """The texts marked in one template."""
    for name, arguments in _CALL.findall(templatize(path.read_text("utf-8"))):
        said = [ast.literal_eval(each) for each in re.findall(_STRING, arguments)]
        yield from _text(name, said)


def unmarked() -> Iterator[Found]:
    """Chinese that a reader of another language would meet untranslated."""
    for path in python_files():
        yield from _unmarked_in_python(path)
    for path in templates():
        yield from _unmarked_in_template(path)
    for path in sorted(SOURCE.glob("desk/static/**/*.js")):
        code = re.sub(r"/\*.*?\*/|(?m:^\s*//.*$| // .*$)", "", path.read_text("utf-8"), flags=re.S)
        if CHINESE.search(code):
            yield Found(_relative(path), 0, "script")


def unseen() -> Iterator[Found]:
    """Calls that `makemessages` would not see: another name, or a text put together first."""
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                for each in node.names:
                    if each.name in MARKS and (each.asname or each.name) not in MARKS:
                        yield Found(_relative(path), node.lineno, f"{each.name} as {each.asname}")
            elif (
                isinstance(node, ast.Call)
                and _name(node) in MARKS
                and any(isinstance(arg, ast.JoinedStr) for arg in node.args)
            ):
                yield Found(_relative(path), node.lineno, "f-string")


def _relative(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def _name(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _text(name: str, said: list[object]) -> Iterator[Text]:
    def given(position: int | None) -> str | None:
        if position is None or position >= len(said):
            return None
        value = said[position]
        return value if isinstance(value, str) else None

    context, text, plural = map(given, MARKS[name])
    if text:
        yield Text(context, text, plural)


def _unmarked_in_python(path: Path) -> Iterator[Found]:
    tree = ast.parse(path.read_text("utf-8"))
    fine: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            fine.add(id(node.value))  # a docstring
        elif isinstance(node, ast.Call) and _name(node) in MARKS:
            fine.update(id(arg) for arg in node.args)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in fine:
            continue
        if isinstance(node.value, str) and CHINESE.search(node.value):
            yield Found(_relative(path), node.lineno, node.value[:40])


def _unmarked_in_template(path: Path) -> Iterator[Found]:
    source = _COMMENT.sub("", path.read_text("utf-8"))
    left = _TRANSLATED.sub(lambda found: "\n" * found[0].count("\n"), source)
    left = re.sub(rf"_\({_STRING}\)", "", left)
    for number, line in enumerate(left.splitlines(), 1):
        found = CHINESE.search(line)
        if found:
            yield Found(_relative(path), number, line.strip()[:60])
