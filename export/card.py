"""The model card: everything in it was measured by the export or written by the training run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge_runtime.recognition.contract import ModelSpec
from edge_runtime.recognition.model_files import SECOND_LOOK
from edge_runtime.recognition.strip import STRIP_VERSION
from train.core.markdown import markdown_table

from .pipeline import Export

_DATA = """\
## Data and licences

- Handwritten digits: MNIST by Yann LeCun, Corinna Cortes and Christopher J. C. Burges, derived from NIST
  Special Databases 1 and 3, under CC BY-SA 3.0. 55,000 of the 60,000 training digits train, 5,000 validate; the
  10,000 test digits are met in the test strips alone.
- Printed digits and letters of the `wild` recipe: pictures rendered from open typefaces, listed with their licences in
  `train/data/GLYPHS.md`.
- Handwritten shapes that MNIST lacks: strokes drawn by `train/datasets/pen.py`, and the Pen-Based Recognition of
  Handwritten Digits set by E. Alpaydin and F. Alimoglu (UCI Machine Learning Repository), under CC BY 4.0, redrawn
  with other pens; nine tenths of its digits train, one tenth validates and tests, and so do a tenth of the typefaces.
- The weights and the code are under the MIT licence.
- Ranges for 8 bits come from strips of training digits; no strip of the test digits has served for training,
  calibration or any choice.
"""

_LIMITS = """\
## What it is for, and limits

- It reads one line of one to five digits on a 28×140 strip that the runtime cuts out of a picture. Signs, letters and
  decimal points are not read; they ought to come out as blanks.
- The accuracy above is measured on synthetic strips of MNIST digits. Pictures from other writers, pens and cameras are
  harder: measure yours with `python -m benchmarks accuracy --data FOLDER` before you rely on a figure.
- A confidence is a calibrated estimate over strips like those of training. A picture unlike all of them may be
  misread with high confidence. Do not let it decide alone where a wrong digit does harm.
- 8 bits differ slightly from processor to processor; the figures are from the machine that exported.
"""


def write_card(export: Export) -> str:
    """The card as Markdown."""
    details = export.details
    sections = [
        "# Model card: edge-digits\n",
        _purpose(details),
        _files(export),
        _evaluation(details["evaluation"]),
        _training(details),
        _DATA,
        _export(details),
        _precision(export),
        _LIMITS,
    ]
    return "\n".join(section for section in sections if section)


def card_file(export: Export) -> str:
    """The card's name: the package carries two, one for each network."""
    network = export.details["training"].get("network")
    return f"MODEL_CARD-{SECOND_LOOK}.md" if network == SECOND_LOOK else "MODEL_CARD.md"


def table(export: Export) -> str:
    """The figures of the files as a table in plain text, which is Markdown too."""
    rows = [
        (
            figures.file,
            f"{figures.size_bytes / 1000:.1f}",
            f"{figures.whole_string_accuracy:.2%}",
            f"{figures.head_accuracy:.2%}",
            f"{figures.agreement:.2%}",
            f"{figures.max_difference:.1e}",
            figures.reference.split(",")[0],
        )
        for figures in export.figures
    ]
    header = ("file", "kB", "exact match", "mean of heads", "same text", "max difference", "compared with")
    return markdown_table(header, rows)


def flat(document: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested figures under dotted names."""
    figures: dict[str, Any] = {}
    for key, value in document.items():
        figures |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return figures


def _purpose(details: Mapping[str, Any]) -> str:
    network = details["training"].get("network", "?")
    defaults = ModelSpec(name="", strip_version=STRIP_VERSION)
    fitted = details["calibration"]
    temperature = fitted.get("temperature", defaults.temperature)
    threshold = fitted.get("reject_threshold", defaults.reject_threshold)
    origin = "fitted on validation strips" if fitted else "the defaults, not fitted"
    return (
        f"Reads numbers of up to five digits, handwritten or printed. Network `{network}`, "
        f"{details['parameters']:,} parameters; input `strip` uint8 [N, 28, 140, 1], outputs `digit1` … `digit5` "
        f"float32 [N, 11].\nTemperature {temperature:.4g}, reject threshold {threshold:.4g} ({origin}).\n"
    )


def _files(export: Export) -> str:
    test = export.details["strips"]["test"]["origin"]
    hashes = "".join(f"- `{figures.file}`: sha256 `{figures.sha256}`\n" for figures in export.figures)
    compared = "; ".join(f"`{figures.file}` with {figures.reference}" for figures in export.figures)
    return f"## Files\n\n{table(export)}\nAccuracy: {test}. Compared: {compared}.\n\n{hashes}"


def _evaluation(evaluation: Mapping[str, Any]) -> str:
    """One column for each set of strips that ``python -m train evaluate`` measured on."""
    sets = evaluation.get("sets") or {"value": {key: value for key, value in evaluation.items() if _is_short(value)}}
    columns = {name: flat(figures) for name, figures in sets.items()}
    keys = list(dict.fromkeys(key for figures in columns.values() for key in figures))
    rows = [(key, *(_show(figures.get(key, "")) for figures in columns.values())) for key in keys]
    return "## Evaluation of the trained network\n\n" + markdown_table(("figure", *columns), rows)


def _training(details: Mapping[str, Any]) -> str:
    """One column for the run and for each run before it whose weights it started from."""
    stages = [details["training"]]
    while "started_from" in stages[-1]:
        stages.append(stages[-1]["started_from"])
    names = [details["run"], *(Path(stage["start_from"]).name for stage in stages[:-1])]
    keys = sorted({key for stage in stages for key, value in stage.items() if _is_short(value)} - {"started_from"})
    rows = [(key, *(_show(stage.get(key, "")) for stage in stages)) for key in keys]
    order = f"Trained in {len(stages)} stages, the last one first. " if len(stages) > 1 else ""
    return f"## Training\n\n{order}Run `{details['run']}`.\n\n" + markdown_table(("setting", *names), rows)


def _export(details: Mapping[str, Any]) -> str:
    candidates = markdown_table(
        ("8-bit scheme", "exact match", "taken"),
        [
            (entry["scheme"], f"{entry['whole_string_accuracy']:.2%}", "yes" if entry["chosen"] else "no")
            for entry in details["quantisation"]["candidates"]
        ],
    )
    strips = markdown_table(
        ("strips", "origin", "sha256"),
        [(name, part["origin"], f"`{part['sha256'][:16]}…`") for name, part in details["strips"].items()],
    )
    versions = ", ".join(f"{name} {number}" for name, number in details["versions"].items())
    return (
        f"## Export\n\nONNX opset {details['opset']}; trained network sha256 `{details['network_sha256']}`.\n"
        f"Made with {versions}.\n\n{strips}\nThe choice between 8-bit schemes, on the selection strips:\n\n{candidates}"
    )


def _precision(export: Export) -> str:
    """What eight bits cost by length, and what they were not used for."""
    lengths = sorted({length for figures in export.figures for length in figures.whole_string_by_length})
    by_length = markdown_table(
        ("digits", *(figures.file for figures in export.figures)),
        [(n, *(f"{figures.whole_string_by_length[n]:.2%}" for figures in export.figures)) for n in lengths],
    )
    kinds = export.figures[-1].nodes.items()
    rows = [(op, precision, count) for precision, counts in kinds for op, count in counts.items()]
    nodes = markdown_table(("node", "computes in", "count"), rows)
    return (
        f"## Eight bits\n\nExact match on the test strips, by length:\n\n{by_length}\n"
        f"Nodes of `{export.figures[-1].file}`, roundings left out:\n\n{nodes}"
    )


def _is_short(value: object) -> bool:
    return not isinstance(value, (dict, list)) or len(json.dumps(value)) <= 200


def _show(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return (value if isinstance(value, str) else json.dumps(value)).replace("|", "\\|")
