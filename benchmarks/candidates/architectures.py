"""``python -m benchmarks architectures``: networks of like cost, trained alike, by accuracy and latency."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from benchmarks.accuracy.report import write_document
from train.core.markdown import markdown_table

if TYPE_CHECKING:
    from train.core.config import FitConfig

STRIPS: Final = 800_000
SEED: Final = 1
_SECONDS: Final = 30.0
_STRIP_SEED: Final = 52_001
_WILD_STRIPS: Final = 8_000
_NOTEBOOK_STRIPS: Final = 1_200  # about once through the validation digits

Say = Callable[[str], None]


@click.command()
@click.option("--strips", type=click.IntRange(1), default=STRIPS, show_default=True, help="Shown to each network.")
@click.option("--seed", type=click.IntRange(0), default=SEED, show_default=True, help="Of weights and strips.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("runs/architectures"),
    show_default=True,
    help="Folder of the runs and of architectures.json; finished runs in it are taken as they are.",
)
@click.option(
    "--record", type=click.Path(dir_okay=False, path_type=Path), default=None, help="Write the figures here too."
)
def architectures(strips: int, seed: int, out: Path, record: Path | None) -> None:
    """Train every candidate for the edge network on the same strips, and compare accuracy, size and latency.

    All see the same number of strips, far fewer than the shipped network: the comparison shows which is worth the
    long run. Accuracies are of validation strips; latencies are measured in turns, one strip, one thread.

    \b
    Example:
      python -m benchmarks architectures --out runs/architectures
    """  # noqa: D301 click reads the control character
    document = compare(strips, seed, out, lambda text: click.echo(f"architectures: {text}", err=True))
    write_document(out / "architectures.json", document)
    if record is not None:
        write_document(record, document)
    click.echo(table(document), nl=False)


def compare(strips: int, seed: int, out: Path, say: Say) -> dict[str, Any]:
    """Train what is missing, then measure all; a JSON-safe document."""
    from benchmarks.latency import report as latency_report
    from train.core.config import FitConfig
    from train.core.run_folder import read_config
    from train.model.network import CANDIDATES
    from train.synthesis.strips import make_strips

    from .strip_latency import strip_latencies

    names = [*CANDIDATES, "edge"]
    configs = {name: FitConfig(name, "wild", seed=seed, strips=strips, pool=strips) for name in names}
    for name, config in configs.items():
        train_once(config, out / name, say)
    validation = {
        "wild": make_strips("wild", "validation", _WILD_STRIPS, _STRIP_SEED, workers=configs["edge"].workers),
        "notebook": make_strips("notebook", "validation", _NOTEBOOK_STRIPS, _STRIP_SEED),
    }
    calibration, _ = make_strips("wild", "train", 1_000, _STRIP_SEED)
    say("exporting and measuring")
    files, rows = {}, []
    for name in names:
        files[name], facts = _exported(out / name, calibration, validation)
        rows.append({"network": name, "commit": read_config(out / name).get("commit"), **facts})
    timed = strip_latencies(files, validation["wild"][0], _SECONDS)
    rows = [{**row, **times} for row, times in zip(rows, timed, strict=True)]
    return {**latency_report.head(), "strips": strips, "seed": seed, "networks": rows}


def unfinished(out: Path, strips: int = STRIPS) -> list[str]:
    """The candidates that have no run in the folder which has seen so many strips."""
    from train.core.run_folder import HISTORY_FILE, read_json
    from train.model.network import CANDIDATES

    def is_finished(history: Path) -> bool:
        return history.exists() and bool(read_json(history, "the same command")["seen"] >= strips)

    return [name for name in (*CANDIDATES, "edge") if not is_finished(out / name / HISTORY_FILE)]


def train_once(config: FitConfig, folder: Path, say: Say) -> None:
    """Train into the folder; a finished run in it stays, one that was stopped is carried on.

    Raises ``RunError`` where the folder holds a run of other settings.
    """
    from train import fit as training
    from train.core.errors import RunError
    from train.core.run_folder import CONFIG_FILE, HISTORY_FILE, changed_settings, read_config, read_json

    history = folder / HISTORY_FILE
    if history.exists() and read_json(history, "the same command")["seen"] >= config.strips:
        others = changed_settings(read_config(folder), asdict(config))
        if others:
            raise RunError(f"{folder}: was trained with another {', '.join(others)}; choose another --out")
        say(f"{config.network}: trained already")
        return
    say(f"{config.network}: training on {config.strips:,} strips")
    training.fit(config, folder, resume=(folder / CONFIG_FILE).exists(), report=say)


def table(document: Mapping[str, Any]) -> str:
    """The figures for people."""
    header = ("network", "parameters", "MACs", "wild", "notebook", "int8 wild", "fp32", "int8", "faster than notebook")
    rows = [
        (
            row["network"],
            f"{row['parameters']:,}",
            f"{row['macs'] / 1e6:.1f} M",
            f"{row['whole_string']['wild']:.2%}",
            f"{row['whole_string']['notebook']:.2%}",
            f"{row['int8_whole_string']['wild']:.2%}",
            f"{row['p50_us']['fp32']:.0f} µs",
            f"{row['p50_us']['int8']:.0f} µs",
            f"{row['faster_than_notebook']['int8']:.1f}×",
        )
        for row in document["networks"]
    ]
    commits = ", ".join(sorted({str(row["commit"]) for row in document["networks"]}))
    note = (
        f"{document['strips']:,} wild strips shown to each network, seed {document['seed']}, recipe of {commits}. "
        "wild, notebook, int8 wild: whole strings right on validation strips. fp32, int8: one strip, one thread, ONNX "
        "Runtime, median. The last column: int8 against the notebook's network in fp32, in the same turns."
    )
    return f"{markdown_table(header, rows)}\n{note}\n"


def _exported(run: Path, calibration: Any, validation: Mapping[str, Any]) -> tuple[dict[str, bytes], dict[str, Any]]:
    from benchmarks.latency.limit import multiply_accumulates
    from export import convert, graph, quantize, score
    from train.core.run_folder import load_model

    model = load_model(run)
    fp32 = convert.to_onnx(model)
    int8 = quantize.quantize(fp32, calibration, quantize.Scheme(reduce_range=True))
    files = {"fp32": graph.serialise(fp32), "int8": graph.serialise(int8)}
    read = {
        precision: {
            recipe: score.whole_string_accuracy(score.probabilities(content, strips), labels)
            for recipe, (strips, labels) in validation.items()
        }
        for precision, content in files.items()
    }
    facts = {
        "parameters": int(model.count_params()),
        "macs": multiply_accumulates(files["fp32"]),
        "int8_bytes": len(files["int8"]),
        "whole_string": read["fp32"],
        "int8_whole_string": read["int8"],
    }
    return files, facts
