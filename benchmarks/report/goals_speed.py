"""Goals of time, memory and size, from the record's parts latency, throughput and footprint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from benchmarks.footprint.fresh import PICTURE
from benchmarks.latency.runtimes import KERAS_PREDICT, LITERT, ONNX_RUNTIME, TF_FUNCTION
from benchmarks.throughput.pictures import FRAMES

from .goal import Goal, NotMeasuredError, Record, first

FLAT_SHARE: Final = 0.02  # growth of memory after 1,000 pictures over what it was then, up to which it is called flat
MANY_PICTURES: Final = 100_000


def strip_us(record: Record, network: str, runtime: str, precision: str, threads: int | None) -> float:
    """Median time of one strip in µs; any number of threads where ``threads`` is None. Raises ``NotMeasuredError``."""
    for row in record["parts"]["latency"]["latency"]:
        is_meant = (row["network"], row["runtime"], row["precision"], row["batch"]) == (network, runtime, precision, 1)
        if is_meant and threads in (None, row["threads"]):
            return float(row["p50_us"])
    raise NotMeasuredError(f"{network} in {runtime} {precision}")


def edge_us(record: Record) -> float:
    """The product's network, the faster of fp32 and int8, one strip on one thread, in µs."""
    return min(strip_us(record, "edge", ONNX_RUNTIME, precision, 1) for precision in ("fp32", "int8"))


def _times_faster(runtime: str, precision: str = "fp32", threads: int | None = None) -> Callable[[Record], float]:
    return lambda record: strip_us(record, "notebook", runtime, precision, threads) / edge_us(record)


def _int8_speed(network: str) -> Callable[[Record], float]:
    def measure(record: Record) -> float:
        fp32, int8 = (strip_us(record, network, ONNX_RUNTIME, precision, 1) for precision in ("fp32", "int8"))
        return fp32 / int8

    return measure


def _int8_size(network: str) -> Callable[[Record], float]:
    def measure(record: Record) -> float:
        files = record["parts"]["latency"]["networks"][network]["files"]
        return float(files["fp32"]["size_bytes"] / files["int8"]["size_bytes"])

    return measure


def _int8_loss(record: Record) -> float:
    fp32, int8 = (record["models"][name]["accuracy"]["whole_string"] for name in ("fp32", "int8"))
    return float(100 * (fp32 - int8))


def _distance(record: Record) -> float:
    return first(
        row["distance"]
        for row in record["parts"]["latency"]["limit"]["networks"]
        if (row["network"], row["precision"]) == ("edge", "fp32")
    )


def _frame(record: Record) -> Mapping[str, Any]:
    for product in record["parts"]["latency"]["product"]:
        if product["picture"] == "frame":
            readers: Mapping[str, Any] = product["readers"]
            return readers
    raise NotMeasuredError("frame")


def _frame_ms(record: Record) -> float:
    ours = [timing["p50_us"] for name, timing in _frame(record).items() if name.startswith("edge-digits")]
    return float(min(ours) / 1e3)


def _against_rapidocr(record: Record) -> float:
    return float(_frame(record)["RapidOCR"]["p50_us"] / 1e3 / _frame_ms(record))


def _share_of_decoding(record: Record) -> float:
    shares = first(
        folder["share_of_decoding"]
        for folder in record["parts"]["throughput"]["folders"]
        if folder["kind"] == FRAMES.name
    )
    return float(100 * max(shares, key=lambda share: share["workers"])["median"])


def _memory_growth(record: Record) -> float:
    memory = first(
        run["memory"]
        for run in record["parts"]["throughput"]["growth"]
        if run["files"] >= MANY_PICTURES and run["complete"]
    )
    if not memory or memory["growth_bytes"] is None:
        raise NotMeasuredError("memory over time")
    return float(100 * memory["growth_bytes"] / memory["settled_bytes"])


def _fresh(record: Record) -> Mapping[str, Any]:
    """The product in a fresh process, reading a picture."""
    found: Mapping[str, Any] = first(
        row
        for row in record["parts"]["footprint"]["fresh"]
        if (row["program"], row["reads"]) == ("edge-digits", PICTURE)
    )
    return found


def _resident_mb(record: Record) -> float:
    resident = _fresh(record)["resident_bytes"]
    if resident is None:
        raise NotMeasuredError("resident memory")
    return float(resident / 1e6)


_TIMES: Final = "{:,.3g} times"


def _first_reading_s(record: Record) -> float:
    return float(_fresh(record)["first_answer_seconds"]["median"])


_KERAS: Final = "`edge` against the notebook's network in Keras `predict`"
_FOLDER: Final = "folder of 640×480 JPEGs, all processors, of the speed of decoding alone"
_MEMORY: Final = "growth of memory from 1,000 to 100,000 pictures"
SPEED: Final = (
    Goal(_KERAS, "latency", 400, True, "{:,.0f} times", _times_faster(KERAS_PREDICT)),
    Goal("`edge` against `tf.function`, all processors", "latency", 12, True, _TIMES, _times_faster(TF_FUNCTION)),
    Goal("`edge` against ONNX Runtime fp32", "latency", 4, True, _TIMES, _times_faster(ONNX_RUNTIME, threads=1)),
    Goal("`edge` against LiteRT int8", "latency", 1.8, True, _TIMES, _times_faster(LITERT, "int8", 1)),
    Goal("`notebook` int8 against fp32, faster", "latency", 1.25, True, _TIMES, _int8_speed("notebook")),
    Goal("`notebook` int8 against fp32, smaller", "latency", 3.9, True, _TIMES, _int8_size("notebook")),
    Goal("`edge` int8 against fp32, faster", "latency", 1, True, _TIMES, _int8_speed("edge")),
    Goal("`edge` int8 against fp32, smaller", "latency", 3, True, _TIMES, _int8_size("edge")),
    Goal("`edge` int8 against fp32, whole strings lost", "models", 0.1, False, "{:.2f} points", _int8_loss),
    Goal("distance to the limit, `edge` fp32", "latency", 4, False, "{:.2f}", _distance),
    Goal("640×480 frame, from file to reading", "latency", 5, False, "{:.1f} ms", _frame_ms),
    Goal("the same frame against RapidOCR", "latency", 50, True, _TIMES, _against_rapidocr),
    Goal(_FOLDER, "throughput", 70, True, "{:.0f} %", _share_of_decoding),
    Goal(_MEMORY, "throughput", 100 * FLAT_SHARE, False, "{:.1f} %", _memory_growth),
    Goal("process start to the first reading", "footprint", 0.4, False, "{:.2f} s", _first_reading_s),
    Goal("resident memory after it", "footprint", 100, False, "{:.0f} MB", _resident_mb),
)
"""Networks: one strip a call, one thread, unless said otherwise; others' times are the notebook network's."""
