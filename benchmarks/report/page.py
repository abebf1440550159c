"""``benchmarks/REPORT.md``: everything the record of one machine has, goals first, made from the record alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from benchmarks.accuracy import report as accuracy
from benchmarks.core.document import Document, machine_line
from benchmarks.footprint import report as footprint
from benchmarks.latency import report as latency
from benchmarks.throughput import report as throughput
from train.core.markdown import markdown_table

from .goals import GOALS
from .record import PARTS, stale_models

_LISTED: Final = ("warning: ", "left out: ")  # lines of a command that are list items on the page
_PRECISION: Final = "0.999"
_TABLES: Final[Mapping[str, Callable[[Document], str]]] = {
    "accuracy": accuracy.markdown,
    "latency": latency.markdown,
    "throughput": throughput.markdown,
    "footprint": footprint.markdown,
}
_GOALS_NOTE: Final = (
    "Networks: one strip a call on one thread in ONNX Runtime, medians; `edge`: the faster of its fp32 and int8. Exact "
    "matches lost: on the test strips that the model files name. Frame: the faster of fp32 and int8. Folder: harder "
    "pictures than the frame, coloured plates and signs that are mostly searched twice. Resident memory: with the "
    "build of OpenCV that the versions above name; the one with windows takes more."
)


def render(record: Document, name: str) -> str:
    """The whole page. name: the record's file name in ``benchmarks/results``."""
    goals = markdown_table(("figure", "goal", "measured", ""), [goal.row(record) for goal in GOALS])
    parts = [
        f"<!-- made by python -m benchmarks all from results/{name} -->",
        "# Benchmarks\n\nAll figures are made from "
        f"[`results/{name}`](results/{name}). `python -m benchmarks all` measures; with "
        f"`--take benchmarks/results/{name}` it only writes this page and README's table anew. "
        "[docs/benchmarks.md](../docs/benchmarks.md) says what each part measures.\n",
        f"## What was measured, when and where\n\n{_origins(record)}",
        f"## Goals\n\n{goals}\n{_GOALS_NOTE}\n",
        f"## Synthetic test strips\n\n{_strips(record)}",
    ]
    for part in PARTS:
        if part in record["parts"]:
            lines = _TABLES[part](record["parts"][part]).splitlines()
            body = "".join(f"- {line}\n" if line.startswith(_LISTED) else f"{line}\n" for line in lines)
            parts.append(f"## {part.capitalize()}\n\n{body}")
    return "\n".join(parts)


def _origins(record: Document) -> str:
    rows = []
    versions: dict[str, list[str]] = {}
    for name in PARTS:
        part = record["parts"].get(name)
        if part is None:
            rows.append((name, "not measured", "", "", ""))
            continue
        stale = stale_models(record, name)
        models = f"earlier {' and '.join(stale)}" if stale else "as in the package"
        date = part["measured"][:16].replace("T", " ")
        rows.append((name, date, part.get("commit") or "unknown", machine_line(part), models))
        listed = ", ".join(f"{package} {number}" for package, number in part["versions"].items())
        versions.setdefault(listed, []).append(name)
    table = markdown_table(("part", "date, UTC", "commit", "machine", "models"), rows)
    return f"{table}\n" + "".join(f"- {', '.join(names)}: {listed}\n" for listed, names in versions.items())


def _strips(record: Document) -> str:
    """What the model files say of the strips that they were tested on, and the published network beside them."""
    models = record["models"]
    rows: list[Sequence[str]] = []
    for name, facts in models.items():
        strips, exact = facts["accuracy"].get("strips", ""), facts["accuracy"].get("whole_string")
        rows.append((name, strips, accuracy.percent(exact), "", "", ""))
    evaluated = {"trained network": next(iter(models.values()))["accuracy"].get("evaluation", {})}
    notebook = record["parts"].get("latency", {}).get("networks", {}).get("notebook")
    if notebook:
        evaluated["the notebook's network"] = notebook["accuracy"]
    for network, sets in evaluated.items():
        for name, part in sets.items():
            covered = part.get("coverage", {}).get(_PRECISION)
            shares = (accuracy.percent(share) for share in (part["whole_string"], part["heads_mean"], covered))
            error = part.get("expected_calibration_error")
            rows.append((network, f"{part['strips']:,} `{name}`", *shares, "" if error is None else f"{error:.4f}"))
    header = ("model", "strips", "exact match", "mean of the heads", "answered at 99.9% precision", "calibration error")
    return markdown_table(header, rows)
