"""``python -m export runs/NAME [--out DIR] [--install]``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from edge_runtime.core.errors import EdgeDigitsError

try:
    from .card import card_file, table, write_card
    from .gates import FLOOR
    from .install import PACKAGE_FOLDER, bundled, write
    from .pipeline import export
    from .run_folder import open_run
except ModuleNotFoundError as missing:
    sys.exit(
        f"Error: {missing}; install what the export needs, in a checkout: pip install --editable '.[train,export]'"
    )


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("run_folder", metavar="RUN", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the models, their hashes and the model card.  [default: RUN/export]",
)
@click.option(
    "--floor",
    type=click.FloatRange(0, 1),
    default=FLOOR,
    show_default=True,
    help="Whole-string accuracy on validation strips below which the network is refused.",
)
@click.option("--install", is_flag=True, help="Also write them into the package, edge_runtime/models.")
def main(run_folder: Path, out: Path | None, floor: float, install: bool) -> None:
    """Export the network of a training run: fp32 and int8 ONNX files that the runtime reads.

    Three gates must hold, or the command fails and writes nothing: fp32 ONNX equals Keras on 2,000 validation
    strips, the network reads at least half of these (--floor), and int8 reads at most 0.2 points fewer of the test
    strips than fp32.

    Example: python -m export runs/edge --install
    """
    try:
        run = open_run(run_folder)
        exported = export(run, floor=floor, say=lambda text: click.echo(f"export: {text}", err=True))
        card = write_card(exported)
        places = {out or run_folder / "export": exported.files}
        if install:
            places[PACKAGE_FOLDER] = bundled(exported.files)
        for folder, files in places.items():
            write(folder, files, card_file(exported), card)
            click.echo(f"export: written to {folder}", err=True)
        report = json.dumps(exported.report(), indent=2, sort_keys=True) + "\n"
        (run_folder / "export.json").write_text(report, "utf-8")
    except (EdgeDigitsError, OSError) as error:
        click.echo(f"export: {error}", err=True)
        sys.exit(1)
    click.echo(table(exported), nl=False)
    for figures in exported.figures:
        kept = ", ".join(f"{count} {op}" for op, count in figures.nodes["fp32"].items())
        click.echo(f"{figures.file}: {figures.ops.get('Transpose', 0)} Transpose nodes; in fp32: {kept}")


if __name__ == "__main__":
    main()
