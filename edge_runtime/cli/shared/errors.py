"""What every command line of the project does with errors."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from edge_runtime.core.errors import EdgeDigitsError, OptionError


class Commands(click.Group):
    """Turns the package's errors and the system's file errors into one line on stderr and exit code 1.

    remedy: what to do where a library cannot be loaded.
    """

    remedy = "edge-digits info --check tells more"

    def invoke(self, context: click.Context) -> Any:
        """Run a command; raises ``click.ClickException`` for what is the user's to mend."""
        try:
            return super().invoke(context)
        except OptionError as error:  # an environment variable is wrong usage like an option
            raise click.UsageError(_one_line(error)) from error
        except EdgeDigitsError as error:
            raise click.ClickException(_one_line(error)) from error
        except ImportError as error:  # of NumPy above all, whose own message is a page
            module = error.name or "a library"
            reason = f"{module} cannot be loaded ({_first_line(error)})"
            raise click.ClickException(f"{reason}; {self.remedy}") from error
        except BrokenPipeError:  # nobody reads our output any more, as after head -1: no reason for a message
            abandon_stdout()
            raise click.exceptions.Exit(1) from None
        except OSError as error:
            raise click.ClickException(_file_error(error)) from error

    def list_commands(self, context: click.Context) -> list[str]:
        """In the order in which they were added."""
        return list(self.commands)


def abandon_stdout() -> None:
    """What is still in its buffer would fail again when Python ends, with a message of its own."""
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
    except OSError:  # not a file of the system's, as in a test
        pass


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), "no reason is given").strip()


def _file_error(error: OSError) -> str:
    if error.filename is None:
        return _one_line(error)
    return f"{error.filename}: {error.strerror}; check that its folder exists and may be written to"
