"""``python -m benchmarks COMMAND``: data to stdout, progress and errors to stderr."""

from __future__ import annotations

import click

from edge_runtime import EdgeDigitsError

from .accuracy import accuracy
from .latency import latency
from .record import record


class _Commands(click.Group):
    """Turns errors that are raised on purpose into one line on stderr and exit code 1."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except EdgeDigitsError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Measure the models in the package."""


main.add_command(accuracy)
main.add_command(latency)
main.add_command(record)

if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
