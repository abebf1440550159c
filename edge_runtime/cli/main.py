"""The command line ``edge-digits``: data to stdout, progress and errors to stderr.

Exit codes: 0 all good, 1 some input failed, 2 wrong usage.
"""

from __future__ import annotations

import io
import os
import sys

import click

from edge_runtime import __version__
from edge_runtime.batch.tables import ENCODING_ERRORS
from edge_runtime.cli.bench.command import bench
from edge_runtime.cli.info.command import info
from edge_runtime.cli.shared.errors import Commands
from edge_runtime.cli.webcam.command import webcam
from edge_runtime.core.malloc import keep_freed_memory

from .batch import batch
from .read import read


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="edge-digits")
def main() -> None:
    """Read short numbers, handwritten or printed, from pictures and cameras.

    Exit codes: 0 all good, 1 some input failed, 2 wrong usage.

    \b
    Example:
      edge-digits read samples/two.jpg
    """  # noqa: D301 click reads the control character
    # What a library has to say about a broken file is in our own message; its log would repeat it.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    keep_freed_memory()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors=ENCODING_ERRORS)


for _command in (read, batch, webcam, info, bench):
    main.add_command(_command)
