"""Latencies side by side: ratios, warnings and tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from benchmarks.core.document import Document, paragraphs
from benchmarks.core.turns import Timing
from train.core.markdown import markdown_table

from .runtimes import KERAS_PREDICT, ONNX_RUNTIME, Contender

BASELINE_NETWORK: Final = "notebook"

Row = Mapping[str, Any]
"""Times in µs of one contender's calls at one batch size.

``against_keras_predict`` and ``against_onnx_fp32`` say how often it fits in the median of the notebook's network in
Keras ``predict``, and in ONNX Runtime fp32 on one thread; None without one.
"""


def find(
    rows: Iterable[Row], network: str, runtime: str, precision: str = "fp32", threads: int | None = None, batch: int = 1
) -> Row | None:
    """The row of one contender; any number of threads where ``threads`` is None."""
    wanted = {"network": network, "runtime": runtime, "precision": precision, "batch": batch}
    if threads is not None:
        wanted["threads"] = threads
    return next((row for row in rows if wanted.items() <= row.items()), None)


def compare(batch: int, contenders: Sequence[Contender], timings: Sequence[Timing]) -> list[Row]:
    """Put the ratios beside the timings of one batch size."""
    rows = [
        {**contender.facts(), "batch": batch, **timing.as_dict()}
        for contender, timing in zip(contenders, timings, strict=True)
    ]
    baselines = {
        "against_keras_predict": find(rows, BASELINE_NETWORK, KERAS_PREDICT, batch=batch),
        "against_onnx_fp32": find(rows, BASELINE_NETWORK, ONNX_RUNTIME, threads=1, batch=batch),
    }
    return [
        {**row, **{name: base and round(base["p50_us"] / row["p50_us"], 3) for name, base in baselines.items()}}
        for row in rows
    ]


def warnings(rows: Iterable[Row], products: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line for each figure that is not to be trusted."""
    found = [
        "{network} {runtime} {precision}, {threads} thread(s), batch {batch}".format_map(row)
        for row in rows
        if row["unstable"]
    ]
    for product in products:
        parts = {**product["stages"], **product["readers"]}
        found += [f"{product['picture']}, {name}" for name, timing in parts.items() if timing["unstable"]]
    return [f"unstable: {name}: p90 is over twice p50" for name in found]


def markdown(document: Document) -> str:
    """The document's figures as tables."""
    processor, rows = document["machine"], document["latency"]
    features = ", ".join(processor["features"]) or "no features known"
    parts = [
        f"{document['method']['included']}\n",
        f"{document['method']['order']}\n",
        f"{processor['name']} ({processor['architecture']}, {processor['processors']} processors, {features})\n",
        _agreement(document),
    ]
    for batch in dict.fromkeys(row["batch"] for row in rows):
        title = f"Network, {batch} strip{'s' if batch > 1 else ''} a call; times of a call"
        parts.append(f"{title}\n\n{markdown_table(_HEADER, [_cells(row) for row in rows if row['batch'] == batch])}")
    parts += [_product_table(product) for product in document["product"]]
    parts.append("".join(f"- {stage}: {words}\n" for stage, words in document["method"]["stages"].items()))
    parts.append(_limit_table(document["limit"]))
    return paragraphs(document, parts)


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


def _cells(row: Row) -> tuple[str, ...]:
    names = (str(row[key]) for key in ("network", "runtime", "precision", "threads"))
    times = (f"{row[key]:.1f}" for key in ("p50_us", "p90_us", "p99_us"))
    return *names, *times, _times(row["against_keras_predict"]), _times(row["against_onnx_fp32"])


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
