"""``python -m benchmarks latency``: two networks in every runtime, in turns, after they have been shown to agree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.core import turns
from benchmarks.core.document import head, load_warning
from benchmarks.core.effort import Effort
from benchmarks.core.options import Say
from edge_runtime import EdgeDigitsError
from edge_runtime.core import machine

from . import runtimes
from .report import Row, compare, warnings
from .runtimes import ONNX_RUNTIME, Contender, Strips

if TYPE_CHECKING:
    from .networks import Network

_TIMED_INPUTS: Final = 8  # different batches that the turns go through
_LIMIT_SECONDS: Final = 5.0


def measure(effort: Effort, runs: Path, say: Say) -> dict[str, Any]:
    """How long the networks take in every runtime installed here, and the whole reader on a picture.

    The contenders of a network must first give the same answers, or the command fails. Keras, tf.function, XLA, LiteRT
    and the published network need TensorFlow and the exported training runs; without them the package's network is
    measured alone. OpenVINO and RapidOCR are measured where they are installed.
    """
    from .agreement import check_agreement
    from .networks import COMPARED, compared_strips, open_networks
    from .product import STAGES, frame_figures

    busy = load_warning()
    networks, left_out = open_networks(runs)
    for reason in left_out:
        say(f"left out: {reason}")
    contenders, missing = enlist(networks, say)
    strips = compared_strips()[: effort.compared]
    say(f"comparing {len(contenders)} contenders on {len(strips)} of {COMPARED}")
    agreements = check_agreement(contenders, strips, effort.batches)

    rows = [row for batch in effort.batches for row in time_batch(contenders, strips, batch, effort, say)]
    say("timing the whole reader")
    product = [frame_figures(networks[0].paths, effort)]
    say("timing matrix products")
    return {
        **head("latency"),
        "method": {
            "included": runtimes.INCLUDED,
            "order": turns.METHOD,
            "strips": f"{len(strips)} of {COMPARED}",
            "stages": STAGES,
        },
        "left_out": left_out + missing,
        "networks": {network.name: network.facts() for network in networks},
        "agreement": agreements,
        "latency": rows,
        "product": product,
        "limit": distance_to_limit(networks, rows),
        "warnings": busy + warnings(rows, product),
    }


def enlist(networks: Sequence[Network], say: Say) -> tuple[list[Contender], list[str]]:
    """All contenders, the measure of each network first; and what could not take part, with the reason."""
    processors = machine.processor()["processors"]
    threads = sorted({1, processors})
    missing = runtimes.missing_runtimes()
    contenders: list[Contender] = []
    left_out = [f"{name}: not installed" for name in missing]
    for network in networks:
        say(f"{network.name}: preparing its contenders")
        if network.model is not None:
            contenders += runtimes.keras_contenders(network.name, network.model, processors)
        contenders += runtimes.file_contenders(network.name, network.files, threads)
        if network.model is None or runtimes.LITERT in missing:
            continue
        try:
            files = runtimes.litert_models(network.model, network.calibration())
        except EdgeDigitsError:
            raise
        except Exception as error:  # the converter's errors have no common root
            left_out.append(f"{runtimes.LITERT}, {network.name}: cannot be converted ({type(error).__name__}: {error})")
            continue
        contenders += runtimes.contenders(runtimes.litert, network.name, files, threads)
    return contenders, left_out


def time_batch(contenders: Sequence[Contender], strips: Strips, batch: int, effort: Effort, say: Say) -> list[Row]:
    """Time all contenders at one batch size; strips uint8 [N, 28, 140, 1], N at least the batch."""
    say(f"timing {len(contenders)} contenders in turns, {batch} strip(s) a call, {effort.seconds:g} s")
    starts = [batch * index for index in range(_TIMED_INPUTS) if batch * (index + 1) <= len(strips)]
    inputs = [strips[start : start + batch] for start in starts]
    runs = [contender.run for contender in contenders]
    timings = turns.time_in_turns(runs, inputs, effort.seconds, fewest_turns=effort.fewest_turns)
    return compare(batch, contenders, timings)


def distance_to_limit(networks: Sequence[Network], rows: Sequence[Row]) -> dict[str, Any]:
    """Time of one strip in ONNX Runtime on one thread, over the time that its products take at the matrix rate."""
    from .limit import matrix_rates, multiply_accumulates

    rates = matrix_rates(_LIMIT_SECONDS)
    counts = {network.name: multiply_accumulates(network.files["fp32"]) for network in networks}
    distances = [
        {
            "network": row["network"],
            "precision": row["precision"],
            "multiply_accumulates": counts[row["network"]],
            "distance": round(row["p50_us"] / (counts[row["network"]] / rates[row["precision"]] * 1e6), 2),
        }
        for row in rows
        if (row["runtime"], row["threads"], row["batch"]) == (ONNX_RUNTIME, 1, 1)
    ]
    return {"rates": {kind: round(rate) for kind, rate in rates.items()}, "networks": distances}
