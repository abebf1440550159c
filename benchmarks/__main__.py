"""``python -m benchmarks COMMAND``: data to stdout, progress and errors to stderr."""

from __future__ import annotations

from typing import Any, Final

import click

from edge_runtime.cli.group import Commands

from .accuracy import accuracy
from .architectures import architectures
from .every import every
from .faults import faults
from .footprint import footprint
from .latency import latency
from .quantisation import quantisation
from .throughput import throughput

_EXTRAS: Final = "train,export,benchmarks"


class Measures(Commands):
    """A package that a measurement needs and that is not here is one line as well."""

    def invoke(self, context: click.Context) -> Any:
        """Run a command; raises ``click.ClickException`` for what is the user's to mend."""
        try:
            return super().invoke(context)
        except ModuleNotFoundError as error:
            raise click.ClickException(f"needs {error.name}: pip install --editable '.[{_EXTRAS}]'") from error


@click.group(cls=Measures, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measure the models in the package."""


main.add_command(every)
main.add_command(accuracy)
main.add_command(architectures)
main.add_command(faults)
main.add_command(footprint)
main.add_command(latency)
main.add_command(quantisation)
main.add_command(throughput)

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
