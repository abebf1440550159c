"""The command line ``edge-digits``: data to stdout, progress and errors to stderr.

Exit codes: 0 all good, 1 some input failed, 2 wrong usage.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any

import click

from edge_runtime import EdgeDigitsError, __version__

from .batch import batch
from .bench import bench
from .info import info
from .output import ENCODING_ERRORS
from .read import read
from .webcam import webcam


class _Commands(click.Group):
    """Turns the package's errors and the system's file errors into one line on stderr and exit code 1."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except EdgeDigitsError as error:
            raise click.ClickException(_one_line(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of our output has gone; click ends quietly
                raise
            raise click.ClickException(_file_error(error)) from error

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)  # in the order in which they are added below


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="edge-digits")
def main() -> None:
    """Read short numbers, handwritten or printed, from pictures and cameras.

    Exit codes: 0 all good, 1 some input failed, 2 wrong usage.

    \b
    Example:
      edge-digits read page.jpg
    """  # noqa: D301 click reads the control character
    # What a library has to say about a broken file is in our own message; its log would repeat it.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors=ENCODING_ERRORS)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _file_error(error: OSError) -> str:
    if error.filename is None:
        return _one_line(error)
    return f"{error.filename}: {error.strerror}; check that its folder exists and may be written to"


for _command in (read, batch, webcam, info, bench):
    main.add_command(_command)
