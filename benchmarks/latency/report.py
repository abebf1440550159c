"""Latencies side by side: ratios, warnings, the JSON document and the tables."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks.accuracy.candidates import OURS
from benchmarks.core.turns import Timing
from edge_runtime import DigitModel, __version__
from edge_runtime.core import machine
from train.core.markdown import markdown_table

from .runtimes import KERAS_PREDICT, ONNX_RUNTIME, Contender

BASELINE_NETWORK: Final = "notebook"
_PACKAGES: Final = ("tensorflow", "keras", "onnx", "openvino", "ai-edge-litert", "rapidocr-onnxruntime")
_BUSY: Final = 0.5  # load of the system for each processor before the run, from which on it is called busy


@dataclass(frozen=True)
class Measured:
    """One contender at one batch size. The ratios tell how often it fits in the baseline's median; None without one.

    against_keras_predict: the notebook network in Keras ``predict``.
    against_onnx_fp32: the notebook network in ONNX Runtime fp32 on one thread.
    """

    contender: Contender
    batch: int
    timing: Timing
    against_keras_predict: float | None
    against_onnx_fp32: float | None

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe; times are of one call, that is of the whole batch."""
        return {
            "network": self.contender.network,
            "runtime": self.contender.runtime,
            "precision": self.contender.precision,
            "threads": self.contender.threads,
            "batch": self.batch,
            **self.timing.as_dict(),
            "against_keras_predict": _rounded(self.against_keras_predict),
            "against_onnx_fp32": _rounded(self.against_onnx_fp32),
        }


def compare(batch: int, contenders: Sequence[Contender], timings: Sequence[Timing]) -> list[Measured]:
    """Put the ratios beside the timings of one batch size."""
    pairs = list(zip(contenders, timings, strict=True))
    predict_us = _baseline_us(pairs, KERAS_PREDICT, threads=None)
    onnx_us = _baseline_us(pairs, ONNX_RUNTIME, threads=1)
    return [
        Measured(contender, batch, timing, _ratio(predict_us, timing), _ratio(onnx_us, timing))
        for contender, timing in pairs
    ]


def load_warning() -> list[str]:
    """A warning where the system is busy already; to be asked before the measurement."""
    if not hasattr(os, "getloadavg"):
        return []
    load, processors = os.getloadavg()[0], machine.processor()["processors"]
    if load <= _BUSY * processors:
        return []
    return [f"the machine was busy before the run: load {load:.1f} on {processors} processors; times are too long"]


def warnings(measured: Sequence[Measured], products: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line for each figure that is not to be trusted."""
    rows = [f"{row.contender}, batch {row.batch}" for row in measured if row.timing.is_unstable]
    for product in products:
        parts = {**product["stages"], **product["readers"]}
        rows += [f"{product['picture']}, {name}" for name, timing in parts.items() if timing["unstable"]]
    return [f"unstable: {row}: p90 is over twice p50" for row in rows]


def head() -> dict[str, Any]:
    """When, with what, of which commit and where; first in every document."""
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "edge_digits": __version__,
        "commit": commit(),
        "package_models": {name: DigitModel(name).sha256 for name in OURS},
        "machine": machine.processor(),
        "versions": machine.versions() | machine.installed_versions(_PACKAGES),
    }


def commit() -> str | None:
    """The working copy's commit, with ``+changes`` where the product differs from it; None outside of git."""
    git = ["git", "-C", str(Path(__file__).resolve().parents[2])]
    commands = [[*git, "rev-parse", "--short", "HEAD"], [*git, "status", "--porcelain", "--", "edge_runtime"]]
    try:
        name, changes = (
            subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()
            for command in commands
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{name}+changes" if changes else name


def markdown(document: Mapping[str, Any]) -> str:
    """The document's figures as tables."""
    parts = [_machine_line(document), _agreement(document)]
    batches = list(dict.fromkeys(row["batch"] for row in document["latency"]))
    for batch in batches:
        rows = [_row(row) for row in document["latency"] if row["batch"] == batch]
        title = f"Network, {batch} strip{'s' if batch > 1 else ''} a call; times of a call"
        parts.append(f"{title}\n\n{markdown_table(_HEADER, rows)}")
    parts += [_product_table(product) for product in document["product"]]
    parts.append("".join(f"- {stage}: {words}\n" for stage, words in document["method"]["stages"].items()))
    parts.append(_limit_table(document["limit"]))
    parts.append("".join(f"warning: {warning}\n" for warning in document["warnings"]))
    return "\n".join(parts)


def _agreement(document: Mapping[str, Any]) -> str:
    """What was compared before any time was taken."""
    rows = document["agreement"]
    exact = max((row["max_difference"] for row in rows if row["precision"] == "fp32"), default=0.0)
    alike = min((row["alike"] for row in rows if row["precision"] != "fp32"), default=1.0)
    return (
        f"Compared first on {document['method']['strips']}: probabilities in fp32 differ by at most {exact:.1g}, and "
        f"8-bit candidates read at least {alike:.1%} of the strips as the first candidate of their network does.\n"
    )


_HEADER: Final = (
    "network",
    "runtime",
    "precision",
    "threads",
    "p50 µs",
    "p90 µs",
    "p99 µs",
    "× notebook Keras predict",
    "× notebook ONNX fp32, 1 thread",
)


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    times = [f"{row[key]:.1f}" for key in ("p50_us", "p90_us", "p99_us")]
    ratios = [_times(row[key]) for key in ("against_keras_predict", "against_onnx_fp32")]
    return row["network"], row["runtime"], row["precision"], str(row["threads"]), *times, *ratios


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


def _machine_line(document: Mapping[str, Any]) -> str:
    processor = document["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in document["versions"].items())
    features = ", ".join(processor["features"]) or "no features known"
    facts = f"{processor['architecture']}, {processor['processors']} processors, {features}"
    return f"{processor['name']} ({facts})\n{versions}\n"


def _baseline_us(pairs: Sequence[tuple[Contender, Timing]], runtime: str, threads: int | None) -> float | None:
    for contender, timing in pairs:
        is_meant = contender.network == BASELINE_NETWORK and contender.runtime == runtime
        if is_meant and contender.precision == "fp32" and threads in (None, contender.threads):
            return timing.p50_us
    return None


def _ratio(baseline_us: float | None, timing: Timing) -> float | None:
    return None if baseline_us is None else baseline_us / timing.p50_us


def _rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, 3)


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"
