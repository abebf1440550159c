"""``edge-digits info``."""

from __future__ import annotations

import json
from typing import NoReturn

import click

import edge_runtime

from .screen import nested_lines, screen_lines, shown


@click.command()
@click.option("--check", "checks_only", is_flag=True, help="Is this machine fit? Exit code 1 where it is not.")
@click.option(
    "--model",
    metavar="[NAME|PATH]",
    is_flag=False,
    flag_value="",
    help="Print a model's card: of the one in use, of auto, fp32, int8 or second-look, or of an .onnx file.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_context
def info(context: click.Context, checks_only: bool, model: str | None, as_json: bool) -> None:
    """Tell versions, processor features, the models in the package, and which of them is used.

    With --model the model's card: where it comes from, what it was trained on, and how well it reads.
    With --check one screen instead: architecture, versions, models by their hashes, cameras, and one
    reading of a built-in picture with its time, each with fit, note or UNFIT before it.

    \b
    Examples:
      edge-digits info
      edge-digits info --model
      edge-digits info --model my-model.onnx
      edge-digits info --check
    """  # noqa: D301 click reads the control character
    if checks_only and model is not None:
        raise click.UsageError("--check and --model are two questions; ask one of them")
    if checks_only:
        _check(context, as_json)
    if model is not None:
        _card(model, as_json)
        return
    from .facts import all_facts  # needs NumPy, and --check must not

    facts = all_facts()
    click.echo(json.dumps(facts, indent=2) if as_json else "\n".join(screen_lines(facts)))
    context.exit(1 if any("error" in model for model in facts["models"].values()) else 0)


def _check(context: click.Context, as_json: bool) -> NoReturn:
    """Print the checks and end with 0 where all are passed, or 1."""
    from .checks import check_machine

    checks = check_machine()
    unfit = sum(check.verdict == "unfit" for check in checks)
    if as_json:
        click.echo(json.dumps({"fit": not unfit, "checks": [check.as_dict() for check in checks]}, indent=2))
    else:
        width = max(len(check.what) for check in checks)
        for check in checks:
            mark = "UNFIT" if check.verdict == "unfit" else check.verdict
            click.echo(f"{mark:<5}  {check.what:<{width}}  {shown(check.told)}")
        answer = f"not fit: {unfit} of {len(checks)} checks failed" if unfit else "fit"
        click.echo(f"edge-digits {edge_runtime.__version__}: this machine is {answer}")
    context.exit(1 if unfit else 0)


def _card(choice: str, as_json: bool) -> None:
    """Print what is known of one model; raises ``ModelError`` where it cannot be opened."""
    from .facts import model_card, model_facts

    model = edge_runtime.DigitModel(choice or None)
    facts, card = model_facts(model), model_card(model)
    if as_json:
        click.echo(json.dumps({**facts, "card": card}, indent=2))
    elif card is not None:
        click.echo(card)
    else:
        click.echo("\n".join(nested_lines({model.name: facts})))
