"""``python -m benchmarks accuracy``: every reader on the same pictures, folder by folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import click
import cv2

from benchmarks.core.dataset import Sample, find_samples

from . import candidates as readers
from .candidates import Candidate
from .contact_sheet import contact_sheet
from .metrics import Figures, Result, figures
from .report import document, markdown, write_document

DEFAULT_OUT: Final = Path("runs/accuracy")
MAX_TILES: Final = 120  # of one contact sheet
_REPOSITORY: Final = Path(__file__).resolve().parents[2]
ALL: Final = "all folders"


@click.command()
@click.option(
    "--data",
    "roots",
    metavar="FOLDER",
    multiple=True,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder with a labels.csv (file,label), or a tree of such folders. May be given several times.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=DEFAULT_OUT, show_default=True)
@click.option("--peers/--no-peers", default=True, help="Run RapidOCR and Tesseract too, where they are installed.")
@click.argument(
    "more_roots", metavar="[FOLDER...]", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
def accuracy(roots: tuple[Path, ...], more_roots: tuple[Path, ...], out: Path, peers: bool) -> None:
    """How many labelled pictures the shipped models read right, and how often they answer without reason.

    Writes accuracy.json, accuracy.md, and a contact sheet of the fp32 model's mistakes for every folder.

    Example:
      python -m benchmarks accuracy --data pictures --out runs/accuracy
    """
    _refuse_repository(out)
    samples = find_samples([*roots, *more_roots])
    candidates = readers.ours() + (readers.installed_peers() if peers else [])
    click.echo(f"accuracy: {len(samples)} pictures, {', '.join(item.name for item in candidates)}", err=True)
    results = read_all(candidates, samples)
    measured = document(all_figures(results), candidates, results)
    table = markdown(measured)

    out.mkdir(parents=True, exist_ok=True)
    (out / "accuracy.md").write_text(table, "utf-8")
    write_document(out / "accuracy.json", measured)
    write_contact_sheets(results[readers.OURS[0]], out)
    click.echo(table, nl=False)
    click.echo(f"accuracy: written to {out}", err=True)
    sys.exit(1 if any(row["failed"] for row in measured["figures"] if row["reader"] in readers.OURS) else 0)


def read_all(candidates: Sequence[Candidate], samples: Sequence[Sample]) -> dict[str, list[Result]]:
    """Every reader's results, in the order of the samples; all readers on one picture before the next."""
    results: dict[str, list[Result]] = {candidate.name: [] for candidate in candidates}
    with click.progressbar(samples, label="reading", file=sys.stderr) as bar:
        for sample in bar:
            for candidate in candidates:
                results[candidate.name].append(Result(sample, candidate.read(sample.path)))
    return results


def all_figures(results: dict[str, list[Result]]) -> list[Figures]:
    """Figures of each folder, reader by reader, and of all folders together where there are several."""
    measured = []
    folders = list(dict.fromkeys(result.sample.folder for part in results.values() for result in part))
    for folder in folders:
        for name, part in results.items():
            measured.append(figures(name, folder, [result for result in part if result.sample.folder == folder]))
    if len(folders) > 1:
        measured += [figures(name, ALL, part) for name, part in results.items()]
    return measured


def write_contact_sheets(results: Sequence[Result], out: Path) -> list[Path]:
    """One PNG for each folder with mistakes; sheets of an earlier run in ``out`` are removed."""
    for old in out.glob("mistakes-*.png"):
        old.unlink()
    written = []
    for folder, group in groupby(results, key=lambda result: result.sample.folder):
        part = list(group)
        mistakes = [result for result in part if result.is_mistake]
        if not mistakes:
            continue
        title = f"{folder}: {len(mistakes)} mistakes in {len(part)} pictures"
        if len(mistakes) > MAX_TILES:
            title += f", the first {MAX_TILES}"
        path = out / f"mistakes-{folder.replace('/', '-')}.png"
        path.write_bytes(cv2.imencode(".png", contact_sheet(mistakes[:MAX_TILES], title))[1].tobytes())
        written.append(path)
    return written


def _refuse_repository(out: Path) -> None:
    """Contact sheets show the pictures, which need not be ours to publish: keep them out of version control."""
    target = out.resolve()
    if target.is_relative_to(_REPOSITORY) and not target.is_relative_to(_REPOSITORY / "runs"):
        raise click.BadParameter(
            f"{out} is in the repository; take a folder below runs/ or outside", param_hint="--out"
        )
