"""``python -m benchmarks accuracy``: every reader on the same pictures, folder by folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import click
import cv2

from benchmarks.core.dataset import Sample, find_samples
from benchmarks.core.document import OURS, REPOSITORY, write_document
from benchmarks.core.options import DATA, FOLDER, Say, teller

from . import candidates as readers
from .candidates import Candidate
from .contact_sheet import contact_sheet
from .metrics import Result
from .report import document, markdown

MAX_TILES: Final = 120  # of one contact sheet


@click.command()
@click.option(
    "--data",
    "roots",
    metavar="FOLDER",
    multiple=True,
    required=True,
    type=DATA,
    help="A folder with a labels.csv (file,label), or a tree of such folders. May be given several times.",
)
@click.option("--out", type=FOLDER, default=Path("runs/accuracy"), show_default=True)
@click.option("--peers/--no-peers", default=True, help="Run RapidOCR and Tesseract too, where they are installed.")
@click.option("--first", type=click.IntRange(1), default=None, help="Only so many pictures of each folder.")
def accuracy(roots: tuple[Path, ...], out: Path, peers: bool, first: int | None) -> None:
    """How many labelled pictures the shipped models read right, and how often they answer without reason.

    Writes accuracy.json, accuracy.md, and a contact sheet of the fp32 model's mistakes for every folder.

    Example:
      python -m benchmarks accuracy --data pictures --out runs/accuracy
    """
    _refuse_repository(out)
    say = teller("accuracy")
    measured, results = measure(roots, peers, first, say)
    table = markdown(measured)
    write_document(out / "accuracy.json", measured)
    (out / "accuracy.md").write_text(table, "utf-8")
    write_contact_sheets(results[OURS[0]], out)
    click.echo(table, nl=False)
    say(f"written to {out}")
    sys.exit(1 if any(row["failed"] for row in measured["figures"] if row["reader"] in OURS) else 0)


def measure(
    roots: Sequence[Path], peers: bool, first: int | None, say: Say
) -> tuple[dict[str, Any], dict[str, list[Result]]]:
    """A JSON-safe document, and every reader's results. first: pictures of each folder, all where None."""
    samples = find_samples(roots)
    if first is not None:
        samples = [item for _, group in groupby(samples, lambda item: item.folder) for item in list(group)[:first]]
    candidates = readers.ours() + (readers.installed_peers() if peers else [])
    say(f"{len(samples)} pictures, {', '.join(item.name for item in candidates)}")
    results = read_all(candidates, samples)
    return document(candidates, results), results


def read_all(candidates: Sequence[Candidate], samples: Sequence[Sample]) -> dict[str, list[Result]]:
    """Every reader's results, in the order of the samples; all readers on one picture before the next."""
    results: dict[str, list[Result]] = {candidate.name: [] for candidate in candidates}
    with click.progressbar(samples, label="reading", file=sys.stderr) as bar:
        for sample in bar:
            for candidate in candidates:
                results[candidate.name].append(Result(sample, candidate.read(sample.path)))
    return results


def write_contact_sheets(results: Sequence[Result], out: Path) -> None:
    """One PNG for each folder with mistakes; sheets of an earlier run in ``out`` are removed."""
    for old in out.glob("mistakes-*.png"):
        old.unlink()
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


def _refuse_repository(out: Path) -> None:
    """Contact sheets show the pictures, which need not be ours to publish: keep them out of version control."""
    target = out.resolve()
    if target.is_relative_to(REPOSITORY) and not target.is_relative_to(REPOSITORY / "runs"):
        raise click.BadParameter(
            f"{out} is in the repository; take a folder below runs/ or outside", param_hint="--out"
        )
