"""``benchmarks/REPORT.md``: everything the record of one machine has, goals first, made from the record alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from benchmarks.accuracy import report
from benchmarks.candidates import architectures, quantisation
from benchmarks.footprint import report as footprint_report
from benchmarks.latency import report as latency_report
from benchmarks.throughput import report as throughput_report
from train.core.markdown import markdown_table

from .charts import chart_names
from .goals import verdicts
from .record import PARTS, stale_models

Record = Mapping[str, Any]

_MARK: Final = "<!-- made by python -m benchmarks all from results/{} -->"
_LISTED: Final = ("warning: ", "left out: ")  # lines of a command that are list items on the page
_TITLES: Final = {
    "latency": "Latency",
    "throughput": "Throughput",
    "footprint": "Footprint",
    "accuracy": "Accuracy",
    "architectures": "Architectures",
    "quantisation": "Ways to use 8 bits",
    "faults": "Faults",
}
_CHARTS: Final = {
    "latency.png": "Latency of one strip in every runtime",
    "accuracy.png": "Accuracy against latency, with the Pareto front",
    "throughput.png": "Throughput, cost of a strip, and memory",
}


def render(record: Record, name: str) -> str:
    """The whole page. name: the record's file name in ``benchmarks/results``."""
    parts = [
        _MARK.format(name),
        "# Benchmarks\n\nAll figures and charts are made from "
        f"[`results/{name}`](results/{name}). `python -m benchmarks all` measures; with "
        f"`--from benchmarks/results/{name}` it only writes this page and README's tables anew.\n",
        f"## What was measured, when and where\n\n{_origins(record)}",
        f"## Goals\n\n{_goals(record)}",
        *(f"![{_CHARTS[chart]}](charts/{chart})\n" for chart in chart_names(record)),
        *(f"## {_TITLES[part]}\n\n{_part(record, part)}" for part in PARTS if part in record["parts"]),
    ]
    return "\n".join(parts)


def record_name(page: str) -> str | None:
    """The file name of the record that a page was made from; None where it does not say."""
    before, after = _MARK.split("{}")
    first = page.partition("\n")[0]
    return first[len(before) : -len(after)] if first.startswith(before) and first.endswith(after) else None


def _origins(record: Record) -> str:
    rows = []
    for name in PARTS:
        part = record["parts"].get(name)
        if part is None:
            rows.append((_TITLES[name], "not measured", "", "", ""))
            continue
        machine = part["machine"]
        stale = stale_models(record, name)
        models = f"earlier {' and '.join(stale)}" if stale else "as in the package"
        where = f"{machine['name']}, {machine['processors']} processors"
        rows.append(
            (_TITLES[name], part["measured"][:16].replace("T", " "), part.get("commit") or "unknown", where, models)
        )
    table = markdown_table(("part", "date, UTC", "commit", "machine", "models"), rows)
    return f"{table}\n{_versions(record)}"


def _versions(record: Record) -> str:
    found: dict[str, list[str]] = {}
    for name, part in record["parts"].items():
        listed = ", ".join(f"{package} {number}" for package, number in part["versions"].items())
        found.setdefault(listed, []).append(_TITLES[name].lower())
    return "".join(f"- {', '.join(names)}: {listed}\n" for listed, names in found.items())


def _goals(record: Record) -> str:
    found = verdicts(record)
    table = markdown_table(("figure", "goal", "measured", ""), [verdict.cells() for verdict in found])
    met = sum(verdict.met is True for verdict in found)
    missed = sum(verdict.met is False for verdict in found)
    unknown = len(found) - met - missed
    note = (
        "Networks: one strip a call on one thread in ONNX Runtime, medians; `edge`: the faster of its fp32 and int8. "
        "Whole strings lost: on the test strips that the model files name. Frame: the faster of fp32 and int8. Folder: "
        "harder pictures than the frame, coloured plates and signs that are mostly searched twice. Resident memory: "
        "with the build of OpenCV that the versions above name; the one with windows takes more."
    )
    return f"{table}\n{met} met, {missed} not met, {unknown} not measured. {note}\n"


def _part(record: Record, name: str) -> str:
    part = record["parts"][name]
    lines = _RENDERERS[name](part).splitlines()
    return "".join(f"- {line}\n" if line.startswith(_LISTED) else f"{line}\n" for line in lines)


def _latency(part: Mapping[str, Any]) -> str:
    left_out = "".join(f"left out: {reason}\n" for reason in part["left_out"])
    return f"{part['method']['included']}\n\n{part['method']['order']}\n\n{latency_report.markdown(part)}{left_out}"


def _faults(part: Mapping[str, Any]) -> str:
    rows = [
        (
            test["name"],
            "passed" if test["passed"] else "**failed**",
            test["done"],
            _numbers(test["counts"]),
            "; ".join((*test["wrong"], *(f"left out: {reason}" for reason in test["left_out"]))),
        )
        for test in part["tests"]
    ]
    return markdown_table(("test", "", "what was done", "counts", "what went wrong or was left out"), rows)


def _numbers(counts: Mapping[str, Any]) -> str:
    """The plain numbers among what a test counted; lists and tables of counts stay in the record."""
    return ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in counts.items() if _is_number(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_RENDERERS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "latency": _latency,
    "throughput": throughput_report.markdown,
    "footprint": footprint_report.markdown,
    "accuracy": report.markdown,
    "architectures": architectures.table,
    "quantisation": quantisation.table,
    "faults": _faults,
}
