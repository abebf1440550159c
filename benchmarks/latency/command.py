"""``python -m benchmarks latency``: two networks in every runtime, in turns, after they have been shown to agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from benchmarks.accuracy.report import write_document
from benchmarks.core.options import json_out
from edge_runtime import EdgeDigitsError
from edge_runtime.core import machine

if TYPE_CHECKING:
    from .networks import Network
    from .report import Measured
    from .runtimes import Contender, Strips

BATCHES: Final = (1, 8, 64)  # strips in a call
SAMPLES: Final = Path(__file__).resolve().parents[2] / "samples"
_RUN_FOLDER: Final = click.Path(file_okay=False, path_type=Path)
_TIMED_INPUTS: Final = 8  # different batches that the turns go through
_LIMIT_SECONDS: Final = 5.0

Say = Callable[[str], None]


@click.command()
@click.option("--edge", type=_RUN_FOLDER, default=Path("runs/edge"), show_default=True, help="Run of our network.")
@click.option(
    "--notebook",
    type=_RUN_FOLDER,
    default=Path("runs/notebook"),
    show_default=True,
    help="Run of the published network, the baseline.",
)
@json_out("latency")
@click.option(
    "--seconds",
    type=click.FloatRange(0, 3600, min_open=True),
    default=60.0,
    show_default=True,
    help="Time for each batch size and each picture, all contenders together.",
)
def latency(edge: Path, notebook: Path, out: Path, seconds: float) -> None:
    """How long the networks take in every runtime installed here, and the whole reader on a picture.

    The contenders of a network must first give the same answers, or the command fails. Needs TensorFlow and the
    exporter; LiteRT, OpenVINO and RapidOCR are measured where they are installed.

    \b
    Example:
      python -m benchmarks latency --out runs/latency.json
    """  # noqa: D301 click reads the control character
    from .report import markdown

    document = measure(
        {"edge": edge, "notebook": notebook}, Effort(seconds), lambda text: click.echo(f"latency: {text}", err=True)
    )
    write_document(out, document)
    click.echo(markdown(document), nl=False)
    click.echo(f"latency: written to {out}", err=True)


@dataclass(frozen=True)
class Effort:
    """How much is measured. seconds: for each batch size and each picture; batches: strips in a call.

    compared: strips that the contenders must agree on, at least the largest batch, all where None;
    fewest_turns: as for ``time_in_turns``.
    """

    seconds: float
    batches: tuple[int, ...] = BATCHES
    compared: int | None = None
    fewest_turns: int | None = None


def measure(runs: Mapping[str, Path], effort: Effort, say: Say) -> dict[str, Any]:
    """Everything the command measures, as a JSON-safe document.

    runs: the networks' run folders by name; the first network's is the product's.
    """
    from benchmarks.core import turns as latency_turns

    from . import product as latency_product
    from . import report as latency_report
    from . import runtimes as latency_runtimes
    from .agreement import check_agreement
    from .networks import COMPARED, compared_strips, open_network

    busy = latency_report.load_warning()
    networks = [open_network(name, folder, say) for name, folder in runs.items()]
    contenders, left_out = enlist(networks, say)
    strips = compared_strips()[: effort.compared]
    say(f"comparing {len(contenders)} contenders on {len(strips)} of {COMPARED}")
    agreements = check_agreement(contenders, strips, effort.batches)

    measured = [row for batch in effort.batches for row in time_batch(contenders, strips, batch, effort, say)]
    say("timing the whole reader")
    product = latency_product.product_figures(SAMPLES, networks[0].paths, effort.seconds, effort.fewest_turns)
    say("timing matrix products")
    limit = distance_to_limit(networks, measured)
    return {
        **latency_report.head(),
        "method": {
            "included": latency_runtimes.INCLUDED,
            "order": latency_turns.METHOD,
            "strips": f"{len(strips)} of {COMPARED}",
            "stages": latency_product.STAGES,
        },
        "left_out": left_out,
        "networks": {network.name: network.facts() for network in networks},
        "agreement": [asdict(item) for item in agreements],
        "latency": [row.as_dict() for row in measured],
        "product": product,
        "limit": limit,
        "warnings": busy + latency_report.warnings(measured, product),
    }


def enlist(networks: Sequence[Network], say: Say) -> tuple[list[Contender], list[str]]:
    """All contenders, the measure of each network first; and what could not take part, with the reason."""
    from . import runtimes as runtimes

    processors = machine.processor()["processors"]
    threads = sorted({1, processors})
    missing = runtimes.missing_runtimes()
    contenders: list[Contender] = []
    left_out = [f"{name}: not installed" for name in missing]
    for network in networks:
        say(f"{network.name}: preparing its contenders")
        contenders += runtimes.keras_contenders(network.name, network.model, processors)
        contenders += runtimes.file_contenders(network.name, network.files, threads)
        if runtimes.LITERT in missing:
            continue
        try:
            files = runtimes.litert_models(network.model, network.calibration())
        except EdgeDigitsError:
            raise
        except Exception as error:  # the converter's errors have no common root
            left_out.append(f"{runtimes.LITERT}, {network.name}: cannot be converted ({type(error).__name__}: {error})")
            continue
        contenders += [
            runtimes.litert(network.name, precision, content, count)
            for precision, content in files.items()
            for count in threads
        ]
    return contenders, left_out


def time_batch(contenders: Sequence[Contender], strips: Strips, batch: int, effort: Effort, say: Say) -> list[Measured]:
    """Time all contenders at one batch size; strips uint8 [N, 28, 140, 1], N at least the batch."""
    from benchmarks.core.turns import time_in_turns

    from .report import compare

    say(f"timing {len(contenders)} contenders in turns, {batch} strip(s) a call, {effort.seconds:g} s")
    starts = [batch * index for index in range(_TIMED_INPUTS) if batch * (index + 1) <= len(strips)]
    inputs = [strips[start : start + batch] for start in starts]
    runs = [contender.run for contender in contenders]
    timings = time_in_turns(runs, inputs, effort.seconds, fewest_turns=effort.fewest_turns)
    return compare(batch, contenders, timings)


def distance_to_limit(networks: Sequence[Network], measured: Sequence[Measured]) -> dict[str, Any]:
    """Time of one strip in ONNX Runtime on one thread, over the time that its products take at the matrix rate."""
    from .limit import matrix_rates, multiply_accumulates
    from .runtimes import ONNX_RUNTIME

    rates = matrix_rates(_LIMIT_SECONDS)
    counts = {network.name: multiply_accumulates(network.files["fp32"]) for network in networks}
    rows = []
    for row in measured:
        contender = row.contender
        if (contender.runtime, contender.threads, row.batch) != (ONNX_RUNTIME, 1, 1):
            continue
        least_us = counts[contender.network] / rates[contender.precision] * 1e6
        rows.append(
            {
                "network": contender.network,
                "precision": contender.precision,
                "multiply_accumulates": counts[contender.network],
                "distance": round(row.timing.p50_us / least_us, 2),
            }
        )
    return {"rates": {kind: round(rate) for kind, rate in rates.items()}, "networks": rows}
