"""``python -m train``: preview the strips, train a network, evaluate a run, make data sets."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Final

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # before TensorFlow is imported by a command

import click

from edge_runtime.cli.shared.errors import Commands
from edge_runtime.core.malloc import keep_freed_memory

INSTALL: Final = "install what training needs, in a checkout: pip install --editable '.[train]'"

try:
    from train.datasets.commands import glyphs
    from train.fitting.commands import average, evaluate, fit, shipped_weights
    from train.preview.commands import doc_pictures, preview, samples, signs
except ModuleNotFoundError as missing:
    sys.exit(f"Error: {missing}; {INSTALL}")


def _one_line(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    return f"Warning: {message}\n"


warnings.formatwarning = _one_line  # where in our code it was raised is no news to the user


class _TrainCommands(Commands):
    remedy = INSTALL


@click.group(cls=_TrainCommands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """The data set and the five-head networks of edge-digits."""
    keep_freed_memory()  # strips are cut as the runtime cuts them


for command in (preview, samples, doc_pictures, signs, fit, evaluate, average, shipped_weights, glyphs):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="python -m train")
