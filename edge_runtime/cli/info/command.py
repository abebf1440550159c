"""``edge-digits info``."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import click

import edge_runtime
from edge_runtime.core import machine
from edge_runtime.recognition import contract


@click.command()
@click.option("--check", "checks_only", is_flag=True, help="Is this machine fit? Exit code 1 where it is not.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
@click.pass_context
def info(context: click.Context, checks_only: bool, as_json: bool) -> None:
    """Tell versions, processor features, the models in the package and their contract.

    With --check one screen instead: architecture, versions, models by their hashes, cameras, and one
    reading of a built-in picture with its time, each with fit, note or UNFIT before it.

    \b
    Examples:
      edge-digits info
      edge-digits info --check
    """  # noqa: D301 click reads the control character
    if checks_only:
        _check(context, as_json)
    from edge_runtime.recognition.model import BUNDLED

    facts: dict[str, Any] = {
        "edge-digits": edge_runtime.__version__,
        "versions": machine.versions(),
        "processor": machine.processor(),
        "contract": _contract(),
        "models": {name: _model(name) for name in BUNDLED},
        "model card": _model_card(),
    }
    click.echo(json.dumps(facts, indent=2) if as_json else "\n".join(_lines(facts)))
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
            click.echo(f"{mark:<5}  {check.what:<{width}}  {_shown(check.told)}")
        answer = f"not fit: {unfit} of {len(checks)} checks failed" if unfit else "fit"
        click.echo(f"edge-digits {edge_runtime.__version__}: this machine is {answer}")
    context.exit(1 if unfit else 0)


def _contract() -> dict[str, Any]:
    strip = f"{contract.INPUT_NAME}: uint8 [N, {contract.STRIP_HEIGHT}, {contract.STRIP_WIDTH}, 1], ink bright on dark"
    heads = f"{contract.OUTPUT_NAMES[0]} to {contract.OUTPUT_NAMES[-1]}: float32 [N, {contract.CLASSES}]"
    classes = f"0-9 and {contract.BLANK} = blank, padded on the left"
    return {"version": contract.CONTRACT_VERSION, "input": strip, "outputs": heads, "classes": classes}


def _model(name: str) -> dict[str, Any]:
    """What is known of a model; what keeps it from being opened, where it cannot be."""
    model = edge_runtime.DigitModel(name)
    try:
        spec = model.spec
    except (edge_runtime.ModelError, edge_runtime.DependencyError) as error:
        return {"error": str(error)}
    return {
        "file": model.path.name,
        "bytes": model.size_bytes,
        "sha256": model.sha256,
        "name": spec.name,
        "strip version": spec.strip_version,
        "temperature": spec.temperature,
        "reject threshold": spec.reject_threshold,
        "accuracy": dict(spec.accuracy),
        # The runs that it started from, and versions, are in the model file and its card.
        "training": {key: value for key, value in spec.training.items() if not isinstance(value, dict)},
    }


def _model_card() -> str:
    """The card's head: all before its second heading."""
    from edge_runtime.recognition.model import MODEL_FOLDER

    try:
        card = (MODEL_FOLDER / "MODEL_CARD.md").read_text("utf-8").strip()
    except OSError:
        return "none in the package"
    title, _, rest = card.partition("\n")
    summary = rest.partition("\n#")[0]
    return " ".join(f"{title.lstrip('# ')}: {summary}".split())


def _lines(facts: dict[str, Any], indent: str = "") -> list[str]:
    """Nested facts as indented lines, short enough for a screen where the values are."""
    lines = []
    for key, value in facts.items():
        if isinstance(value, dict):
            lines += [f"{indent}{key}", *_lines(value, indent + "  ")]
        elif isinstance(value, list):
            lines.append(f"{indent}{key}: {', '.join(_shown(item) for item in value) or '-'}")
        else:
            lines.append(f"{indent}{_shown(key)}: {_shown(value)}")
    return lines


def _shown(value: object) -> str:
    """In one line without control characters: what a model file says of itself must not steer a terminal."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(str(value).split()))
