"""Latencies side by side: ratios, warnings and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.core.document import Document
from benchmarks.core.turns import Timing
from train.core.markdown import markdown_table

from .runtimes import KERAS_PREDICT, ONNX_RUNTIME, Contender

BASELINE_NETWORK: Final = "notebook"


@dataclass(frozen=True)
class Latency:
    """Times in µs of one contender's calls at one batch size, a row of the document.

    against_keras_predict, against_onnx_fp32: how often it fits in the median of the notebook's network in Keras
    ``predict``, and in ONNX Runtime fp32 on one thread; None without one.
    """

    network: str
    runtime: str
    precision: str
    threads: int
    batch: int
    calls: int
    p50_us: float
    p90_us: float
    p99_us: float
    unstable: bool
    against_keras_predict: float | None = None
    against_onnx_fp32: float | None = None


def latencies(document: Document) -> list[Latency]:
    """The rows of a document."""
    return [Latency(**row) for row in document["latency"]]


def find(
    rows: Iterable[Latency], network: str, runtime: str, precision: str = "fp32", threads: int | None = None
) -> Latency | None:
    """The row of one strip a call; any number of threads where ``threads`` is None."""
    for row in rows:
        if (row.network, row.runtime, row.precision, row.batch) != (network, runtime, precision, 1):
            continue
        if threads in (None, row.threads):
            return row
    return None


def compare(batch: int, contenders: Sequence[Contender], timings: Sequence[Timing]) -> list[Latency]:
    """Put the ratios beside the timings of one batch size."""
    pairs = list(zip(contenders, timings, strict=True))

    def ratio(timing: Timing, runtime: str, threads: int | None) -> float | None:
        for contender, baseline in pairs:
            is_meant = (contender.network, contender.runtime) == (BASELINE_NETWORK, runtime)
            if is_meant and contender.precision == "fp32" and threads in (None, contender.threads):
                return round(baseline.p50_us / timing.p50_us, 3)
        return None

    return [
        Latency(
            *(contender.network, contender.runtime, contender.precision, contender.threads, batch),
            **timing.as_dict(),
            against_keras_predict=ratio(timing, KERAS_PREDICT, None),
            against_onnx_fp32=ratio(timing, ONNX_RUNTIME, 1),
        )
        for contender, timing in pairs
    ]


def warnings(rows: Iterable[Latency], products: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line for each figure that is not to be trusted."""
    found = [
        f"{row.network} {row.runtime} {row.precision}, {row.threads} thread(s), batch {row.batch}"
        for row in rows
        if row.unstable
    ]
    for product in products:
        parts = {**product["stages"], **product["readers"]}
        found += [f"{product['picture']}, {name}" for name, timing in parts.items() if timing["unstable"]]
    return [f"unstable: {name}: p90 is over twice p50" for name in found]


def markdown(document: Document) -> str:
    """The document's figures as tables."""
    processor, rows = document["machine"], latencies(document)
    features = ", ".join(processor["features"]) or "no features known"
    parts = [
        f"{document['method']['included']}\n",
        f"{document['method']['order']}\n",
        f"{processor['name']} ({processor['architecture']}, {processor['processors']} processors, {features})\n",
        _agreement(document),
    ]
    for batch in dict.fromkeys(row.batch for row in rows):
        title = f"Network, {batch} strip{'s' if batch > 1 else ''} a call; times of a call"
        parts.append(f"{title}\n\n{markdown_table(_HEADER, [_cells(row) for row in rows if row.batch == batch])}")
    parts += [_product_table(product) for product in document["product"]]
    parts.append("".join(f"- {stage}: {words}\n" for stage, words in document["method"]["stages"].items()))
    parts.append(_limit_table(document["limit"]))
    parts.append("".join(f"left out: {reason}\n" for reason in document["left_out"]))
    parts.append("".join(f"warning: {warning}\n" for warning in document["warnings"]))
    return "\n".join(part for part in parts if part)


def _agreement(document: Document) -> str:
    """What was compared before any time was taken."""
    rows = document["agreement"]
    exact = max((row["max_difference"] for row in rows if row["precision"] == "fp32"), default=0.0)
    alike = min((row["alike"] for row in rows if row["precision"] != "fp32"), default=1.0)
    return (
        f"Compared first on {document['method']['strips']}: probabilities in fp32 differ by at most {exact:.1g}, and "
        f"8-bit candidates read at least {alike:.1%} of the strips as the first candidate of their network does.\n"
    )


_HEADER: Final = (
    *("network", "runtime", "precision", "threads", "p50 µs", "p90 µs", "p99 µs"),
    *("× notebook Keras predict", "× notebook ONNX fp32, 1 thread"),
)


def _cells(row: Latency) -> tuple[str, ...]:
    times = [f"{us:.1f}" for us in (row.p50_us, row.p90_us, row.p99_us)]
    ratios = [_times(row.against_keras_predict), _times(row.against_onnx_fp32)]
    return row.network, row.runtime, row.precision, str(row.threads), *times, *ratios


def _product_table(product: Mapping[str, Any]) -> str:
    entries = [(f"stage: {name}", timing) for name, timing in product["stages"].items()]
    entries += [
        (f"reader: {name} (reads {timing['text'] or 'nothing'})", timing) for name, timing in product["readers"].items()
    ]
    rows = [(name, *(f"{timing[key] / 1e3:.3f}" for key in ("p50_us", "p90_us", "p99_us"))) for name, timing in entries]
    seen = f"strips seen: {product['strips']}, one thread; stages with fp32"
    title = f"Product, {product['picture']}: {product['format']}, {seen}"
    return f"{title}\n\n{markdown_table(('', 'p50 ms', 'p90 ms', 'p99 ms'), rows)}"


def _limit_table(limit: Mapping[str, Any]) -> str:
    rates = ", ".join(f"{kind} {rate / 1e9:.1f}" for kind, rate in limit["rates"].items())
    rows = [
        (row["network"], row["precision"], f"{row['multiply_accumulates'] / 1e6:.2f}", f"{row['distance']:.1f}")
        for row in limit["networks"]
    ]
    header = ("network", "precision", "million multiply-accumulates", "time / time at that rate")
    title = f"Distance to the limit. Matrix product, one thread: {rates} thousand million multiply-accumulates a second"
    return f"{title}\n\n{markdown_table(header, rows)}"


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"
