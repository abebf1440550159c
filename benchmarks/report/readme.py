"""README's figures: two tables between two marks, made from the record of one machine alone."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.footprint.fresh import PICTURE
from benchmarks.latency.runtimes import KERAS_PREDICT, LITERT, ONNX_RUNTIME, OPENVINO, TF_FUNCTION, XLA
from edge_runtime import EdgeDigitsError
from edge_runtime.recognition.model_files import SECOND_LOOK
from train.core.markdown import markdown_table

from .record import measured_hashes, stale_models

BEGIN: Final = "<!-- figures:begin -->"
END: Final = "<!-- figures:end -->"

OURS: Final = ("fp32", "int8")
EDGE_DIGITS: Final = "edge-digits"  # a whole reader
ALL_FOLDERS: Final = "all folders"
_PRECISION: Final = "0.999"
_LINE_WIDTH: Final = 118

Figures = Mapping[str, Any]


def render(record: Figures) -> str:
    """The text between the marks; parts that the record has not are left out."""
    blocks = []
    if "accuracy" in record["parts"]:
        blocks += [accuracy_table(record), _accuracy_notes(record)]
    if "latency" in record["parts"]:
        blocks += [_cost_table(record), _cost_notes(record)]
    return "\n".join(blocks)


def replace_block(readme: str, block: str) -> str:
    """README with another text between the marks; ``EdgeDigitsError`` where they are missing or not in order."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise EdgeDigitsError(f"README.md: no {BEGIN} with {END} after it; write both where the figures shall stand")
    return f"{before}{BEGIN}\n{block}{END}{after}"


def block_of(readme: str) -> str:
    """The text between the marks; errors as for ``replace_block``."""
    replace_block(readme, "")
    return readme.partition(BEGIN)[2].partition(END)[0].removeprefix("\n")


def accuracy_table(record: Figures) -> str:
    """One row for each folder, one column for each model and each other reader that the record has."""
    accuracy = record["parts"]["accuracy"]
    ours = list(measured_hashes("accuracy", accuracy))
    peers = [name for name in accuracy["readers"] if name not in ours]
    header = ("whole numbers right", *ours, f"accepted, of these wrong ({ours[0]})", *peers)
    rows = [_folder_row(folder, accuracy, ours, peers) for folder in _folders(accuracy, ours[0])]
    models = record["models"]
    strips = next(iter(models.values()))["accuracy"].get("strips", "synthetic test strips")
    read = [_percent(models[name]["accuracy"]["whole_string"]) if name in models else "" for name in ours]
    rows.append((strips, *read, "", *("" for _ in peers)))
    return markdown_table(header, rows)


def _folder_row(folder: str, accuracy: Figures, ours: Sequence[str], peers: Sequence[str]) -> tuple[str, ...]:
    by_reader = {row["reader"]: row for row in accuracy["figures"] if row["folder"] == folder}
    first = by_reader[ours[0]]
    title = folder.replace("_", " ").replace("/", ", ")
    if first["numbers"]:
        title += f" ({first['numbers']})"
        answers = {name: _percent(row["exact"]) for name, row in by_reader.items()}
        accepted = f"{_percent(first['coverage'])}, {_percent(first['error'])}"
    else:
        title += f" ({first['empties']} pictures without a number)"
        answers = {name: f"{row['false_answers']} answered" for name, row in by_reader.items()}
        accepted = ""
    return title, *(answers.get(name, "") for name in ours), accepted, *(answers.get(name, "") for name in peers)


def _accuracy_notes(record: Figures) -> str:
    accuracy = record["parts"]["accuracy"]
    evaluated = record["models"]["fp32"]["accuracy"].get("evaluation", {})
    sentences = ["Whole numbers right: all digits, in order, none too many, every reading accepted."]
    sentences.append("Accepted: at the threshold in the model file.")
    for name, part in evaluated.items():
        covered = part["coverage"].get(_PRECISION)
        sentences.append(
            f"On {part['strips']:,} synthetic `{name}` test strips the trained network reads "
            f"{part['whole_string']:.2%} ({part['heads_mean']:.2%} mean of the heads), answers {_percent(covered)} of "
            f"them at 99.9% precision, and its confidence is off by {part['expected_calibration_error']:.4f} "
            "(expected calibration error)."
        )
    latency = record["parts"].get("latency")
    baseline = latency and latency["networks"]["notebook"]["accuracy"].get("notebook")
    if baseline:
        sentences.append(
            f"The notebook's network reads {baseline['whole_string']:.2%} of the `notebook` strips "
            f"({baseline['heads_mean']:.2%} mean of the heads)."
        )
    others = {name: facts for name, facts in accuracy["readers"].items() if "sha256" not in facts}
    peers = ", ".join(f"{name} {facts.get('version', '')}".strip() for name, facts in others.items())
    if peers:
        sentences.append(f"Other readers on the same pictures: {peers}.")
    sentences += _stale(record, "accuracy", "The pictures were")
    return _paragraph(sentences)


def _cost_table(record: Figures) -> str:
    latency = record["parts"]["latency"]
    rows = [
        *_strip_rows(latency),
        *_ratio_rows(latency),
        *_product_rows(latency),
        ("model file", *(f"{record['models'][name]['size_bytes'] / 1000:.0f} kB" for name in OURS)),
        *_second_look_row(record),
    ]
    return markdown_table(("one thread, p50 / p99", "fp32", "int8"), rows)


def _second_look_row(record: Figures) -> list[tuple[str, ...]]:
    """The size of the network that strips in doubt are also shown to."""
    models = record["parts"].get("footprint", {}).get("models", {})
    size = models.get(f"{EDGE_DIGITS} {SECOND_LOOK}")
    return (
        []
        if size is None
        else [("and the second network, for strips in doubt", *([f"{size / 1000:.0f} kB"] * len(OURS)))]
    )


def _strip_rows(figures: Figures) -> list[tuple[str, ...]]:
    """One strip in the product's runtime, and in the others that the same network was measured in."""
    rows = []
    for runtime in (ONNX_RUNTIME, OPENVINO, LITERT):
        timings = [_latency(figures, "edge", runtime, name, 1) for name in OURS]
        if any(timings):
            rows.append((f"one strip, {runtime}", *(_p50_p99(timing) if timing else "" for timing in timings)))
    return rows


def _ratio_rows(figures: Figures) -> list[tuple[str, ...]]:
    """How often ours in ONNX Runtime fits in the time of the notebook's network in each runtime."""
    wanted: list[tuple[str, str, int | None]]
    wanted = [(KERAS_PREDICT, "fp32", None), (TF_FUNCTION, "fp32", None), (XLA, "fp32", None)]
    wanted += [(runtime, name, 1) for runtime in (ONNX_RUNTIME, OPENVINO, LITERT) for name in OURS]
    ours = [_latency(figures, "edge", ONNX_RUNTIME, name, 1) for name in OURS]
    rows = []
    for runtime, precision, threads in wanted:
        other = _latency(figures, "notebook", runtime, precision, threads)
        if other is None:
            continue
        place = f"{runtime} {precision}" if threads else runtime
        note = "" if threads else ", all processors"
        ratios = [_times(other["p50_us"] / mine["p50_us"]) if mine else "" for mine in ours]
        rows.append((f"faster than the notebook's network in {place} ({_duration(other['p50_us'])}{note})", *ratios))
    return rows


def _product_rows(figures: Figures) -> list[tuple[str, ...]]:
    rows = []
    for product in figures["product"]:
        ours = [product["readers"][f"{EDGE_DIGITS} {name}"] for name in OURS]
        peers = [
            f"{name} {_duration(timing['p50_us'])}, reads {timing['text'] or 'nothing'}"
            for name, timing in product["readers"].items()
            if not name.startswith(EDGE_DIGITS)
        ]
        size = product["format"].partition(" of ")[0]
        rest = f" ({', '.join(peers)})" if peers else ""
        rows.append(
            (f"{product['picture']}, {size}, from file to reading{rest}", *(_p50_p99(timing) for timing in ours))
        )
    return rows


def _cost_notes(record: Figures) -> str:
    latency = record["parts"]["latency"]
    processor, versions = latency["machine"], latency["versions"]
    sentences = [f"{record['models']['fp32']['parameters']:,} parameters.", *_footprint(record)]
    runtimes = ("python", "onnxruntime", "tensorflow", "keras", "ai-edge-litert", "openvino", "rapidocr-onnxruntime")
    listed = ", ".join(f"{name} {versions[name]}" for name in runtimes if name in versions)
    features = ", ".join(processor["features"])
    sentences.append(
        f"Measured on {latency['measured'][:10]} on {processor['name']} ({processor['architecture']}, "
        f"{processor['processors']} processors, {features}) with edge-digits {latency['edge_digits']}, {listed}; all "
        "contenders in turns in one process, after they had given the same answers. Take the ratios, not the times, to "
        "another machine; `edge-digits bench` measures yours."
    )
    unstable = sum(warning.startswith("unstable") for warning in latency["warnings"])
    if unstable:
        sentences.append(f"Of all the times in the record {unstable} are unstable and named there.")
    if unstable < len(latency["warnings"]):
        sentences.append("The machine was not quite idle when the run began.")
    sentences += _stale(record, "latency", "The times were")
    return _paragraph(sentences)


def _footprint(record: Figures) -> list[str]:
    part = record["parts"].get("footprint")
    if part is None:
        return []
    first = next(row for row in part["fresh"] if (row["program"], row["reads"]) == (EDGE_DIGITS, PICTURE))
    build = ", ".join(name for name in part["versions"] if name.startswith("opencv"))
    resident = f", {first['resident_bytes'] / 1e6:.0f} MB resident with {build}" if first["resident_bytes"] else ""
    seconds = first["first_answer_seconds"]["median"]
    sentences = [f"From the start of Python to the first reading {seconds:.2f} s{resident}."]
    if part["wheel_bytes"] is not None:
        sentences.append(f"Wheel {part['wheel_bytes'] / 1e6:.2f} MB.")
    return sentences


def _stale(record: Figures, part: str, subject: str) -> list[str]:
    """A warning where the package has other models by now."""
    stale = " and ".join(stale_models(record, part))
    return [f"{subject} measured with an earlier {stale} than the package has."] if stale else []


def _latency(figures: Figures, network: str, runtime: str, precision: str, threads: int | None) -> Figures | None:
    """The row of one strip a call; any number of threads where ``threads`` is None."""
    for row in figures["latency"]:
        if (row["network"], row["runtime"], row["precision"], row["batch"]) != (network, runtime, precision, 1):
            continue
        if threads in (None, row["threads"]):
            found: Figures = row
            return found
    return None


def _folders(accuracy: Figures, reader: str) -> list[str]:
    """In their order, those without numbers last; the sum of all is left out."""
    rows = [row for row in accuracy["figures"] if row["reader"] == reader and row["folder"] != ALL_FOLDERS]
    return [row["folder"] for row in sorted(rows, key=lambda row: row["numbers"] == 0)]


def _paragraph(sentences: Sequence[str]) -> str:
    return textwrap.fill(" ".join(sentences), _LINE_WIDTH, break_long_words=False, break_on_hyphens=False) + "\n"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _p50_p99(timing: Figures) -> str:
    return f"{_duration(timing['p50_us'])} / {_duration(timing['p99_us'])}"


def _duration(us: float) -> str:
    return f"{us:.0f} µs" if us < 1000 else f"{us / 1000:.1f} ms"


def _times(ratio: float) -> str:
    return f"{ratio:.1f}×" if ratio < 10 else f"{ratio:,.0f}×"
