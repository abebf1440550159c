"""``python -m benchmarks quantisation``: ways to use 8 bits, by accuracy, size and speed on this processor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from benchmarks.accuracy.report import write_document
from train.core.markdown import markdown_table

_SECONDS: Final = 20.0
_STRIPS: Final = 4_000
_STRIP_SEED: Final = 52_002


@click.command()
@click.option(
    "--run",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=Path("runs/edge"),
    show_default=True,
    help="Training run whose network is quantised.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The JSON file to write.")
def quantisation(run: Path, out: Path) -> None:
    """Quantise a run's network in several ways and compare them with fp32 on this processor.

    Accuracies are of validation strips; latencies are measured in turns, one strip, one thread.

    \b
    Example:
      python -m benchmarks quantisation --run runs/edge --out runs/quantisation.json
    """  # noqa: D301 click reads the control character
    document = compare(run)
    write_document(out, document)
    click.echo(table(document), nl=False)


def compare(run: Path) -> dict[str, Any]:
    """Every scheme's figures, fp32 first; a JSON-safe document."""
    from benchmarks.latency import report as latency_report
    from export import convert, data, graph, quantize, score
    from train.core.run_folder import load_model, read_config
    from train.synthesis.strips import make_strips

    from .strip_latency import strip_latencies

    recipe = read_config(run)["recipe"]
    fp32 = convert.to_onnx(load_model(run))
    calibration, _ = make_strips(recipe, "train", data.CALIBRATION_COUNT, data.CALIBRATION_SEED)
    strips, labels = make_strips(recipe, "validation", _STRIPS, _STRIP_SEED)
    schemes = [quantize.Scheme(reduce_range=True), quantize.Scheme(reduce_range=False)]
    schemes += [quantize.Scheme(reduce_range=False, signed=True)]
    schemes += [quantize.Scheme(reduce_range=True, per_channel=False)]
    models = {"fp32": fp32} | {str(scheme): quantize.quantize(fp32, calibration, scheme) for scheme in schemes}
    files = {"network": {name: graph.serialise(model) for name, model in models.items()}}
    (timed,) = strip_latencies(files, strips, _SECONDS)
    rows = [
        {
            "scheme": name,
            "bytes": len(content),
            "whole_string": score.whole_string_accuracy(score.probabilities(content, strips), labels),
            "p50_us": timed["p50_us"][name],
            "faster_than_notebook": timed["faster_than_notebook"][name],
        }
        for name, content in files["network"].items()
    ]
    return {
        **latency_report.head(),
        "run": run.resolve().name,
        "strips": len(strips),
        "recipe": recipe,
        "schemes": rows,
    }


def table(document: Mapping[str, Any]) -> str:
    """The figures for people."""
    header = ("scheme", "kB", "whole strings", "one strip", "faster than the notebook's network in fp32")
    rows = [
        (
            row["scheme"],
            f"{row['bytes'] / 1000:.0f}",
            f"{row['whole_string']:.2%}",
            f"{row['p50_us']:.0f} µs",
            f"{row['faster_than_notebook']:.1f}×",
        )
        for row in document["schemes"]
    ]
    features = ", ".join(document["machine"]["features"])
    return f"{markdown_table(header, rows)}\n{document['machine']['name']}: {features}.\n"
