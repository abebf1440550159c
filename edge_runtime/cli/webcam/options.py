"""Options of ``edge-digits webcam`` that belong together, brought into one value each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from edge_runtime.cli.shared.options import grouped
from edge_runtime.video.rules import Plausible

_FOLDER: Final = click.Path(file_okay=False, path_type=Path)


@dataclass(frozen=True)
class Keep:
    """What is kept on disk, and where.

    save_dir: for the key s. uncertain, uncertain_files, uncertain_mb: as for ``UncertainPictures``, or None.
    record: the video file, or None. overwrite: whether it may replace one that exists.
    """

    save_dir: Path
    uncertain: Path | None
    uncertain_files: int
    uncertain_mb: float
    record: Path | None
    overwrite: bool


plausible_options: Final = grouped(
    "plausible",
    Plausible,
    click.option("--length", metavar="N", type=click.IntRange(1), help="Confirm only numbers of N digits."),
    click.option("--least", metavar="N", type=click.IntRange(0), help="Confirm only numbers from N on."),
    click.option("--most", metavar="N", type=click.IntRange(0), help="Confirm only numbers up to N."),
    click.option("--never-decreasing", is_flag=True, help="Confirm no number below the one before at its place."),
    click.option(
        "--largest-step",
        metavar="N",
        type=click.IntRange(0),
        help="Confirm no number that differs by more than N from the one before at its place.",
    ),
)
keep_options: Final = grouped(
    "keep",
    Keep,
    click.option(
        "--save-dir",
        type=_FOLDER,
        default=".",
        show_default=True,
        help="Folder for the frames that the key s saves.",
    ),
    click.option(
        "--save-uncertain",
        "uncertain",
        metavar="DIR",
        type=_FOLDER,
        help="Keep the frames with a reading that is not accepted, with what was read; the oldest go first.",
    ),
    click.option(
        "--uncertain-files",
        type=click.IntRange(1),
        default=500,
        show_default=True,
        help="Most pictures in that folder.",
    ),
    click.option(
        "--uncertain-mb",
        type=click.FloatRange(0, min_open=True),
        default=100.0,
        show_default=True,
        help="Most megabytes in that folder.",
    ),
    click.option(
        "--record",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the annotated frames as a video, .mp4 or .avi; after a power cut only an .avi can be read.",
    ),
    click.option("--overwrite", is_flag=True, help="Replace the file of --record if it exists."),
)
