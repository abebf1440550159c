"""The facts as text: one screen of 80 columns, or nested lines."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, Final

_COLUMNS: Final = 79
_KEY: Final = 13  # columns of a key
_MORE: Final = "More: --model (the model's card), --check (is this machine fit?), --json"


def screen_lines(facts: Mapping[str, Any]) -> list[str]:
    """What one wants to know first, in at most about 24 lines."""
    processor, auto, in_use = facts["processor"], facts["auto"], facts["in use"]
    environment = [f"{name}={value}" for name, value in facts["environment"].items()]
    reason = f"auto takes it: {auto['reason']}" if in_use == auto["model"] else f"auto would take {auto['model']}"
    kind = f"{processor['architecture']}, {processor['bits']}-bit, {processor['processors']} usable"
    return [
        f"edge-digits {facts['edge-digits']}",
        *_item("versions", ", ".join(f"{name} {version}" for name, version in facts["versions"].items())),
        *_item("system", processor["system"]),
        *_item("processor", f"{processor['name']} ({kind})"),
        *_item("features", ", ".join(processor["features"]) or "none known"),
        *_item("environment", ", ".join(environment) or "no variable of ours is set"),
        "",
        *_item("model", f"{in_use}; {reason}"),
        *_models(facts["models"]),
        "",
        _MORE,
    ]


def nested_lines(facts: Mapping[str, Any], indent: str = "") -> list[str]:
    """Nested facts as indented lines."""
    lines = []
    for key, value in facts.items():
        if isinstance(value, Mapping):
            lines += [f"{indent}{shown(key)}", *nested_lines(value, indent + "  ")]
        elif isinstance(value, list):
            lines.append(f"{indent}{shown(key)}: {', '.join(shown(item) for item in value) or '-'}")
        else:
            lines.append(f"{indent}{shown(key)}: {shown(value)}")
    return lines


def shown(value: object) -> str:
    """In one line without control characters: what a model file says of itself must not steer a terminal."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(str(value).split()))


def _item(key: str, value: object) -> list[str]:
    """A key and its value, wrapped beside it."""
    lines = textwrap.wrap(shown(value), _COLUMNS - _KEY, break_on_hyphens=False) or [""]
    first = [] if len(key) < _KEY else [shown(key)]
    return first + [f"{'' if number or first else key:<{_KEY}}{line}" for number, line in enumerate(lines)]


def _models(models: Mapping[str, Mapping[str, Any]]) -> list[str]:
    lines = [f"{'':<{_KEY}}    kB  threshold  exact match"]
    for name, facts in models.items():
        if "error" in facts:
            lines += _item(name, facts["error"])
            continue
        row = f"{facts['bytes'] / 1e3:>6.0f}  {facts['reject threshold']:>9.4g}  {_accuracy(facts['accuracy'])}"
        lines += [f"{name:<{_KEY}}{row}"] if len(name) < _KEY else [shown(name), f"{'':<{_KEY}}{row}"]
    return lines


def _accuracy(accuracy: Mapping[str, Any]) -> str:
    """One line of what a model file says of its accuracy, which may be anything."""
    share, strips = accuracy.get("whole_string"), accuracy.get("strips")
    if not isinstance(share, float):
        return "not told"
    return f"{share:.2%} of {shown(strips).partition(',')[0][:40]}" if strips else f"{share:.2%}"
