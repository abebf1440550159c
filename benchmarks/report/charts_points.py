"""What the charts show, taken from a record: bars, points, and the front of the points that no other beats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.latency.runtimes import KERAS_CALL, KERAS_PREDICT, ONNX_RUNTIME, TF_FUNCTION, XLA

from .readme import ALL_FOLDERS
from .record import measured_hashes

Record = Mapping[str, Any]
_STRIPS: Final = "notebook"  # the test strips that both networks were evaluated on


@dataclass(frozen=True)
class Point:
    """us: median time in µs; accuracy: share of whole numbers right, 0 to 1."""

    name: str
    us: float
    accuracy: float
    is_ours: bool


@dataclass(frozen=True)
class Group:
    """Points that may be compared: accuracy on the same pictures or strips, time in the same run."""

    title: str
    x_title: str
    ours: str
    others: str
    points: tuple[Point, ...]


def front(points: Sequence[Point]) -> list[Point]:
    """The points that no other is at least as fast and more accurate than, from fast to slow."""
    best: list[Point] = []
    for point in sorted(points, key=lambda point: (point.us, -point.accuracy)):
        if not best or point.accuracy > best[-1].accuracy:
            best.append(point)
    return best


def latency_rows(latency: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One strip a call, on one thread where the runtime lets choose, from slow to fast; each with a ``title``."""
    chosen: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for row in latency["latency"]:
        if row["batch"] == 1:
            key = (row["network"], row["runtime"], row["precision"])
            chosen[key] = min(chosen.get(key, row), row, key=lambda item: item["threads"])
    rows = [{**row, "title": _title(row)} for row in chosen.values()]
    return sorted(rows, key=lambda row: -row["p50_us"])


def point_groups(record: Record) -> list[Group]:
    """Whole readers on pictures, networks on test strips, and the candidates, as far as the record has them."""
    groups = [_readers(record), _networks(record), _candidates(record)]
    return [group for group in groups if group is not None]


def _readers(record: Record) -> Group | None:
    part = record["parts"].get("accuracy")
    if part is None:
        return None
    folders = {row["folder"] for row in part["figures"]}
    rows = [row for row in part["figures"] if row["folder"] == ALL_FOLDERS or len(folders) == 1]
    ours = measured_hashes("accuracy", part)
    points = [
        Point(row["reader"], 1e3 * row["median_ms"], row["exact"], row["reader"] in ours)
        for row in rows
        if row["exact"] is not None
    ]
    if not points:
        return None
    title = f"Whole readers, {rows[0]['numbers']:,} real pictures with a number"
    return Group(title, "a picture, from file to reading", "edge-digits", "other readers", tuple(points))


def _networks(record: Record) -> Group | None:
    part = record["parts"].get("latency")
    if part is None:
        return None
    points = []
    for row in latency_rows(part):
        accuracy = _strips_accuracy(record, row)
        if accuracy is not None:
            name = row["runtime"] if row["precision"] == "fp32" else f"{row['runtime']} {row['precision']}"
            points.append(Point(name, row["p50_us"], accuracy, row["network"] == "edge"))
    if not points:
        return None
    return Group(
        "Networks (fp32 unless said; 8 bits by other converters left out), synthetic test strips",
        "one strip",
        "edge network",
        "notebook network",
        tuple(points),
    )


def _strips_accuracy(record: Record, row: Mapping[str, Any]) -> float | None:
    """Of the trained network for all that runs it in fp32; of an 8-bit file only where it is the package's."""
    network = record["parts"]["latency"]["networks"][row["network"]]
    if row["precision"] == "fp32":
        figures = network["accuracy"].get(_STRIPS)
        return None if figures is None else float(figures["whole_string"])
    shipped = record["models"].get(row["precision"])
    if row["runtime"] != ONNX_RUNTIME or shipped is None:
        return None
    is_shipped = network["files"].get(row["precision"], {}).get("sha256") == shipped["sha256"]
    return float(shipped["accuracy"]["whole_string"]) if is_shipped else None


def _candidates(record: Record) -> Group | None:
    part = record["parts"].get("architectures")
    if part is None:
        return None
    points = [
        Point(f"{row['network']} {kind}", row["p50_us"][kind], row[key]["wild"], row["network"] == "edge")
        for row in part["networks"]
        for kind, key in (("fp32", "whole_string"), ("int8", "int8_whole_string"))
    ]
    title = f"Candidates, each after {part['strips']:,} strips, wild validation strips"
    return Group(title, "one strip, one thread", "edge network", "other candidates", tuple(points))


def _title(row: Mapping[str, Any]) -> str:
    """The runtime and what of precision and threads was a choice: TensorFlow's ways run in fp32 on all processors."""
    is_chosen = row["runtime"] not in (KERAS_PREDICT, KERAS_CALL, TF_FUNCTION, XLA)
    return f"{row['runtime']} {row['precision']}" if is_chosen else f"{row['runtime']}, {row['threads']} threads"
