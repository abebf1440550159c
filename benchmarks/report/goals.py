"""What the figures shall reach, and whether a record says that they do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from benchmarks.core.document import OURS, Document
from benchmarks.footprint.report import first_reading
from benchmarks.latency.product import OURS as EDGE_DIGITS
from benchmarks.latency.report import find
from benchmarks.latency.runtimes import KERAS_PREDICT, LITERT, ONNX_RUNTIME, TF_FUNCTION
from benchmarks.throughput.report import share_of_decoding

MANY_PICTURES: Final = 100_000

Measure = Callable[[Document], float | None]
"""A figure of a record; None or ``KeyError`` where the record has it not."""


@dataclass(frozen=True)
class Goal:
    """figure: what is measured; bound: least or most; unit: a format for both numbers."""

    figure: str
    bound: float
    is_least: bool
    unit: str
    measure: Measure

    def row(self, record: Document) -> tuple[str, str, str, str]:
        """Figure, goal, measured, met or not."""
        goal = f"{'at least' if self.is_least else 'at most'} {self.unit.format(self.bound)}"
        try:
            value = self.measure(record)
        except KeyError:  # a part is missing
            value = None
        if value is None:
            return self.figure, goal, "", "not measured"
        is_met = value >= self.bound if self.is_least else value <= self.bound
        return self.figure, goal, self.unit.format(value), "met" if is_met else "**not met**"


def strip_us(record: Document, network: str, runtime: str, precision: str, threads: int | None) -> float | None:
    """One strip through a network of the record, median in µs; None where it was not measured."""
    row = find(record["parts"]["latency"]["latency"], network, runtime, precision, threads)
    return None if row is None else float(row["p50_us"])


def edge_strip_us(record: Document) -> float | None:
    """One strip through the product's network on one thread: the faster of fp32 and int8."""
    times = (strip_us(record, "edge", ONNX_RUNTIME, precision, 1) for precision in OURS)
    return min((time for time in times if time is not None), default=None)


def frame_ms(record: Document) -> float | None:
    """A 640×480 frame from file to reading, in ms: the faster of fp32 and int8."""
    times = {name: ms for name, ms in _frame_readers(record).items() if name.startswith(EDGE_DIGITS)}
    return min(times.values(), default=None)


def _frame_readers(record: Document) -> dict[str, float]:
    products = {product["picture"]: product["readers"] for product in record["parts"]["latency"]["product"]}
    return {name: timing["p50_us"] / 1e3 for name, timing in products["frame"].items()}


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one and other else None


def _times_faster(runtime: str, precision: str = "fp32", threads: int | None = None) -> Measure:
    """``edge`` against the notebook's network in a runtime."""
    return lambda record: _ratio(strip_us(record, "notebook", runtime, precision, threads), edge_strip_us(record))


def _int8_faster(network: str) -> Measure:
    return lambda record: _ratio(*(strip_us(record, network, ONNX_RUNTIME, precision, 1) for precision in OURS))


def _int8_smaller(network: str) -> Measure:
    def measure(record: Document) -> float | None:
        files = record["parts"]["latency"]["networks"][network]["files"]
        return _ratio(*(files[precision]["size_bytes"] for precision in OURS))

    return measure


def _int8_loss(record: Document) -> float:
    fp32, int8 = (record["models"][name]["accuracy"]["whole_string"] for name in OURS)
    return float(100 * (fp32 - int8))


def _distance(record: Document) -> float | None:
    rows = record["parts"]["latency"]["limit"]["networks"]
    found = (row["distance"] for row in rows if (row["network"], row["precision"]) == ("edge", "fp32"))
    return next(found, None)


def _against_rapidocr(record: Document) -> float | None:
    return _ratio(_frame_readers(record)["RapidOCR"], frame_ms(record))


def _share_of_decoding(record: Document) -> float | None:
    share = share_of_decoding(record["parts"]["throughput"])
    return None if share is None else 100 * share


def _memory_growth(record: Document) -> float | None:
    for run in record["parts"]["throughput"]["growth"]:
        memory = run["memory"]
        if run["files"] >= MANY_PICTURES and run["complete"] and memory and memory["settled_bytes"]:
            return None if memory["growth_bytes"] is None else 100 * memory["growth_bytes"] / memory["settled_bytes"]
    return None


def _first_reading_s(record: Document) -> float | None:
    fresh = first_reading(record["parts"]["footprint"])
    return None if fresh is None else fresh["first_answer_seconds"]["median"]


def _resident_mb(record: Document) -> float | None:
    fresh = first_reading(record["parts"]["footprint"])
    return None if fresh is None or fresh["resident_bytes"] is None else fresh["resident_bytes"] / 1e6


_TIMES: Final = "{:,.3g} times"
_KERAS: Final = "`edge` against the notebook's network in Keras `predict`"
_FOLDER: Final = "folder of 640×480 JPEGs, all processors, of the speed of decoding alone"
GOALS: Final = (
    Goal(_KERAS, 400, True, "{:,.0f} times", _times_faster(KERAS_PREDICT)),
    Goal("`edge` against `tf.function`, all processors", 12, True, _TIMES, _times_faster(TF_FUNCTION)),
    Goal("`edge` against ONNX Runtime fp32", 4, True, _TIMES, _times_faster(ONNX_RUNTIME, threads=1)),
    Goal("`edge` against LiteRT int8", 1.8, True, _TIMES, _times_faster(LITERT, "int8", 1)),
    Goal("`notebook` int8 against fp32, faster", 1.25, True, _TIMES, _int8_faster("notebook")),
    Goal("`notebook` int8 against fp32, smaller", 3.9, True, _TIMES, _int8_smaller("notebook")),
    Goal("`edge` int8 against fp32, faster", 1, True, _TIMES, _int8_faster("edge")),
    Goal("`edge` int8 against fp32, smaller", 3, True, _TIMES, _int8_smaller("edge")),
    Goal("`edge` int8 against fp32, exact matches lost", 0.1, False, "{:.2f} points", _int8_loss),
    Goal("distance to the limit, `edge` fp32", 4, False, "{:.2f}", _distance),
    Goal("640×480 frame, from file to reading", 5, False, "{:.1f} ms", frame_ms),
    Goal("the same frame against RapidOCR", 50, True, _TIMES, _against_rapidocr),
    Goal(_FOLDER, 70, True, "{:.0f} %", _share_of_decoding),
    Goal("growth of memory from 1,000 to 100,000 pictures", 2, False, "{:.1f} %", _memory_growth),
    Goal("process start to the first reading", 0.4, False, "{:.2f} s", _first_reading_s),
    Goal("resident memory after it", 100, False, "{:.0f} MB", _resident_mb),
)
"""Networks: one strip a call, one thread, unless said otherwise; others' times are the notebook network's."""
