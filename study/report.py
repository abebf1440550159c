"""``STUDY.md``: published figures beside ours, the published slips, and a section with pictures for each system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from study.core.result import PICTURES, Figure, Record, Result
from train.core.markdown import markdown_table

from .catalogue import CATALOGUE, Row

_HEAD: Final = """\
# The notebook's study, in today's libraries

The notebook that this project began from compared four data sets and nine classifiers before it settled on a network
with five heads. Here all of it is trained again, by one command:

    python -m study run --out runs/study
"""
_QUICK: Final = """\
**A quick run on little data: the figures below say that everything runs, and nothing else.**
"""
_NOTES: Final = """\
Ours: MNIST is split once, 55,000 training, 5,000 validation and 10,000 test digits. Where nothing is chosen, as by the
two Keras networks of single digits, the validation digits train as well. "test" is of test digits alone, which no
training and no choice has met. Hyper-parameters are the published ones; seeds are fixed. A test figure has two standard
errors of 0.1 to 0.4 points, given in each section; smaller differences say nothing.
"""
_SLIPS: Final = """\
## The published slips, and what is done instead

- **Test sets cut from training digits.** The published test pairs of the two-head network were made of training digits.
  Here they are of test digits; what training pairs give stands beside it, as a figure of its own.
- **Dropout left on when testing.** The published test figure of the five-layer network is of a network that drops a
  quarter of its units. Here dropout is off; the same network with dropout left on is measured too.
- **Contrast changed by the resizing call.** The published pictures had their grey values stretched by the call that was
  to resize them. Here resizing leaves contrast alone. Pairs keep the grey values of their digits; strips are stretched
  to the full range in a step of its own, alike for training and test, which the picture of the steps shows.
- **Accuracy on training data only.** Both networks on 8×8 digits were published with their training accuracy alone.
  Here a held-out figure stands beside it.
"""


def render(records: Mapping[str, Record], missing: Mapping[str, str], *, quick: bool) -> str:
    """The report of what has been run as Markdown; missing: why a system cannot be."""
    parts = [_HEAD, *([_QUICK] if quick else []), _table(records, missing), _NOTES, _made_with(records), _SLIPS]
    parts += [_section(row, records[row.name]) for row in CATALOGUE if row.name in records]
    return "\n".join(part for part in parts if part)


def _table(records: Mapping[str, Record], missing: Mapping[str, str]) -> str:
    header = ("system", "data", "published", "ours", "time")
    return markdown_table(header, [_table_row(row, records.get(row.name), missing.get(row.name)) for row in CATALOGUE])


def _table_row(row: Row, record: Record | None, missing: str | None) -> tuple[str, ...]:
    known = (row.title, row.data, row.published)
    if record is None:
        return (*known, f"missing: {missing}" if missing else "not run yet", "")
    return (f"[{row.title}](#{row.name})", row.data, row.published, record.result.headline, duration(record.seconds))


def duration(seconds: float) -> str:
    """In the unit that one speaks of."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _made_with(records: Mapping[str, Record]) -> str:
    """The machines and versions that the results are of, each once."""
    lines = {
        f"{record.machine}; " + ", ".join(f"{name} {version}" for name, version in record.versions.items())
        for record in records.values()
    }
    return "".join(f"Made on {line}.\n" for line in sorted(lines))


def _section(row: Row, record: Record) -> str:
    result = record.result
    parts = [
        f"## {row.name}\n",
        f"{row.title}; {row.data}. Published: {row.published}. Took {duration(record.seconds)}.\n",
        f"Settings: {', '.join(f'{name} {_value(value)}' for name, value in record.settings.items())}.\n",
        _figures(result),
        "".join(f"- {remark}\n" for remark in result.remarks),
        _layers(result),
        *(f"![{picture.caption}]({PICTURES}/{picture.file})\n" for picture in result.pictures),
    ]
    return "\n".join(part for part in parts if part)


def _figures(result: Result) -> str:
    rows = [(item.name, f"{item.share:.2%}", f"±{_two_errors(item):.2%}", f"{item.of:,}") for item in result.figures]
    return markdown_table(("figure", "ours", "two standard errors", "of"), rows) if rows else ""


def _two_errors(item: Figure) -> float:
    return 2 * (item.share * (1 - item.share) / max(item.of, 1)) ** 0.5


def _layers(result: Result) -> str:
    if not result.layers:
        return ""
    rows = [(layer.name, layer.output, f"{layer.parameters:,}") for layer in result.layers]
    rows.append(("total", "", f"{sum(layer.parameters for layer in result.layers):,}"))
    return markdown_table(("layer", "output", "parameters"), rows)


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "(" + ", ".join(map(_value, value)) + ")"
    if isinstance(value, str):
        return value[:12] or "-"  # of a hash the beginning
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
