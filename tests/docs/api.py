"""The reference part of docs/python.md, from signatures and docstrings: ``python -m tests.docs.api`` writes it anew."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import edge_runtime

PAGE: Final = Path(__file__).parents[2] / "docs" / "python.md"
BEGIN: Final = "<!-- reference:begin, written by python -m tests.docs.api -->\n"
END: Final = "<!-- reference:end -->"
FENCE: Final = "```py"  # not ```python: signatures are shown, not run
MOST_COLUMNS: Final = 100
GROUPS: Final = {
    "Reading": ("DigitReader", "Readings", "Reading", "Quad", "AcceptancePolicy", "Trace"),
    "Pictures": ("load_picture", "Picture", "find_files", "draw_readings"),
    "Many files": ("read_files", "Row", "keep_freed_memory"),
    "Cameras, videos, streams": ("open_frames", "LiveResult", "Tracker", "Number", "Event", "Plausible"),
    "Models": ("DigitModel", "ModelSpec"),
}
"""What is not named here comes under "Further names", and errors under "Errors"."""

_PARAMETER = re.compile(r"[a-z_]+(?:, [a-z_]+)*: ")


def reference() -> str:
    """Markdown of every public name."""
    names = [name for name in edge_runtime.__all__ if not name.startswith("__")]
    errors = [name for name in names if name.endswith("Error")]
    grouped = {name for group in GROUPS.values() for name in group}
    further = [name for name in names if name not in grouped and name not in errors]
    lines: list[str] = []
    for title, group in {**GROUPS, "Further names": further}.items():
        lines += [f"## {title}", ""] if group else []
        for name in group:
            lines += _thing(name, getattr(edge_runtime, name))
    lines += [
        "## Errors",
        "",
        "Every error is an `EdgeDigitsError`; its message names the value and says what to do.",
        "",
    ]
    lines += [f"- `{name}`: {_inline(inspect.getdoc(getattr(edge_runtime, name)) or '')}" for name in errors]
    return "\n".join(lines) + "\n"


def page_with(text: str) -> str:
    """The page with this reference in place of the one that it has."""
    page = PAGE.read_text("utf-8")
    head, tail = page.partition(BEGIN)[0], page.partition(END)[2]
    return head + BEGIN + "\n" + text + "\n" + END + tail


def _thing(name: str, thing: Any) -> Iterator[str]:
    kind = "class " if inspect.isclass(thing) else ""
    yield from (f"### {name}", "", FENCE, f"{kind}{_signature(name, thing)}", "```", "")
    yield from _described(thing)
    if inspect.isclass(thing):
        yield from _members(name, thing)


def _members(name: str, thing: type) -> Iterator[str]:
    for member_name, raw in vars(thing).items():
        if member_name.startswith("_") or not (callable(raw) or isinstance(raw, (property, classmethod))):
            continue
        member = getattr(thing, member_name)
        shown = f"{name}.{member_name}"
        if isinstance(raw, property):
            shown += f": {raw.fget.__annotations__['return']}"
        else:
            shown = _signature(shown, member)
        described = list(_described(member))
        if len(described) == 2 and "\n" not in shown:  # one paragraph
            yield from (f"- `{shown}`: {described[0]}", "")
        else:
            yield from (FENCE, shown, "```", "", *described)


def _signature(name: str, thing: Any) -> str:
    """In one line, or with a parameter a line where that is too long."""
    signature = inspect.signature(thing)
    parameters = [item for item in signature.parameters.values() if item.name != "self"]
    words, marks = [], {item.kind for item in parameters}
    for item in parameters:
        if item.kind is item.KEYWORD_ONLY and "*" not in words and item.VAR_POSITIONAL not in marks:
            words.append("*")
        annotation = getattr(item.annotation, "__forward_arg__", item.annotation)
        text = item.name if annotation is item.empty else f"{item.name}: {annotation}"
        words.append(text if item.default is item.empty else f"{text} = {item.default!r}")
    gives = "" if inspect.isclass(thing) else f" -> {signature.return_annotation}"
    line = f"{name}({', '.join(words)}){gives}"
    if len(line) <= MOST_COLUMNS:
        return line
    return "\n".join([f"{name}(", *(f"    {word}," for word in words), f"){gives}"])


def _described(thing: Any) -> Iterator[str]:
    """The docstring: paragraphs, and a list of its parameters and fields."""
    blocks: list[str] = []
    for line in (inspect.getdoc(thing) or "").splitlines():
        if _PARAMETER.match(line):
            names, _, text = line.partition(": ")
            blocks.append(f"- `{names}`: {text}")
        elif not line.strip() or not blocks or not blocks[-1]:
            blocks.append(line.strip())
        elif line.startswith(("Raises ", "Returns ")) or (blocks[-1].startswith("- ") and not line.startswith(" ")):
            blocks += ["", line]
        else:
            blocks[-1] += f" {line.strip()}"
    for number, block in enumerate(blocks):
        if number and block.startswith("- ") and blocks[number - 1] and not blocks[number - 1].startswith("- "):
            yield ""
        yield _inline(block)
    yield ""


def _inline(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def main() -> int:
    """Write the page."""
    PAGE.write_text(page_with(reference()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
