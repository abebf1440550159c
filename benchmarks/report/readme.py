"""README's figures between two marks, one small table and a few sentences, made from the record of one machine."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

from benchmarks.accuracy.report import ALL, figures, percent
from benchmarks.core.document import OURS, Document, machine_line
from benchmarks.footprint.report import first_reading
from benchmarks.latency.runtimes import KERAS_PREDICT
from edge_runtime.recognition.model_files import SECOND_LOOK
from train.core.markdown import markdown_table

from .goals import edge_strip_us, frame_ms, strip_us
from .record import stale_models

BLOCK: Final = "figures"
"""The name of README's block."""
_LINE_WIDTH: Final = 118


def render(record: Document) -> str:
    """The text between the marks; parts that the record has not are left out."""
    parts = record["parts"]
    table = [_accuracy_table(parts["accuracy"])] if "accuracy" in parts else []
    sentences = [*_speed(record), *_sizes(record)]
    dates = ", ".join(sorted({part["measured"][:10] for part in parts.values()}))
    machines = ", ".join(sorted({machine_line(part) for part in parts.values()}))
    if parts:
        sentences.append(
            f"Measured {dates} on {machines}; every figure, with versions and goals: "
            "[benchmarks/REPORT.md](benchmarks/REPORT.md)."
        )
    stale = [name for name in parts if stale_models(record, name)]
    if stale:
        sentences.append(f"With earlier models than the package has now: {', '.join(stale)}.")
    text = textwrap.fill(" ".join(sentences), _LINE_WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join([*table, f"{text}\n"])


def _accuracy_table(accuracy: Document) -> str:
    """One row for each folder with numbers, then all, then the pictures without a number."""
    ours = figures(accuracy, OURS[0])
    peers = [name for name in accuracy["readers"] if name not in OURS]
    others = [figures(accuracy, name) for name in peers]
    rows: list[Sequence[str]] = []
    for folder, row in ours.items():
        if row["numbers"]:
            shares = (percent(row[key]) for key in ("exact", "coverage", "error"))
            title = folder.replace("_", " ").replace("/", ", ")
            rows.append((title, str(row["numbers"]), *shares, *(percent(other[folder]["exact"]) for other in others)))
    total = ours.get(ALL)
    if total is not None and total["empties"]:
        answered = [f"{reader[ALL]['false_answers']} answered" for reader in (ours, *others)]
        rows.append(("no number", str(total["empties"]), "", answered[0], "", *answered[1:]))
    header = ("real pictures", "pictures", "exact match", "accepted", "of these wrong")
    return markdown_table((*header, *(f"{name}, exact match" for name in peers)), rows)


def _speed(record: Document) -> list[str]:
    if "latency" not in record["parts"]:
        return []
    strip_time, frame = edge_strip_us(record), frame_ms(record)
    if strip_time is None or frame is None:
        return []
    keras = strip_us(record, "notebook", KERAS_PREDICT, "fp32", None)
    beside = f" ({keras / 1e3:.0f}\u00a0ms for the published network in Keras `predict`)" if keras else ""
    return [
        f"One strip of up to five digits takes {strip_time:.0f}\u00a0µs{beside}, a 640×480 frame {frame:.1f}\u00a0ms "
        "from file to reading, on one thread."
    ]


def _sizes(record: Document) -> list[str]:
    models = ", ".join(f"{name} {record['models'][name]['size_bytes'] / 1e3:.0f} kB" for name in OURS)
    part = record["parts"].get("footprint")
    if part is None:
        return [f"Model files: {models}."]
    second = part["models"].get(f"edge-digits {SECOND_LOOK}")
    models += f", the larger network, for unsure strips, {second / 1e3:.0f} kB" if second else ""
    wheel = f"; the wheel {part['wheel_bytes'] / 1e6:.2f} MB" if part["wheel_bytes"] is not None else ""
    sentences = [f"Model files: {models}{wheel}."]
    fresh = first_reading(part)
    if fresh is not None:
        resident = f", {fresh['resident_bytes'] / 1e6:.0f} MB resident" if fresh["resident_bytes"] else ""
        seconds = fresh["first_answer_seconds"]["median"]
        sentences.append(f"The first reading comes {seconds:.2f} s after Python starts{resident}.")
    return sentences
