"""What ``python -m benchmarks throughput`` has measured, as tables and warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.core.document import Document, machine_line, paragraphs
from train.core.markdown import markdown_table

from .pictures import FRAMES
from .ways import READING

_MB: Final = 1e6

Row = Mapping[str, Any]


def share_of_decoding(document: Document) -> float | None:
    """Median rate of reading 640×480 JPEGs with all processors over that of decoding them, 0 to 1."""
    for folder in document["folders"]:
        if folder["kind"] == FRAMES.name:
            return float(max(folder["share_of_decoding"], key=lambda share: share["workers"])["median"])
    return None


def warnings(document: Document) -> list[str]:
    """One line for each figure that is not to be trusted."""
    rows = [(folder["kind"], row) for folder in document["folders"] for row in folder["rates"]]
    rows += [("strips beside Keras", row) for row in (document["keras"] or {"rates": []})["rates"]]
    unstable = [
        f"unstable: {kind}, {row['way']}, {row['workers']} worker(s): one block in ten is a fifth below the median"
        for kind, row in rows
        if row["unstable"]
    ]
    return unstable + [
        f"cut short: {kind}: stopped at {run['files']:,} files after {run['seconds']:.0f} s"
        for kind, run in _runs(document)
        if not run["complete"]
    ]


def markdown(document: Document) -> str:
    """The document's figures as tables."""
    parts = [
        f"{machine_line(document)}, model {document['reader']['model']}\n",
        "".join(f"{words}\n\n" for words in document["method"].values()).rstrip("\n") + "\n",
        _folders_table(document["folders"]),
        _keras_table(document["keras"]),
        _growth_table(document["growth"]),
        _memory_table(document),
    ]
    return paragraphs(document, parts)


def _runs(document: Document) -> list[tuple[str, Row]]:
    """Every run of the command, with the kind of picture."""
    folders = [(folder["kind"], folder["whole_folder"]) for folder in document["folders"]]
    return folders + [("strips", run) for run in document["growth"]]


def _folders_table(folders: Sequence[Row]) -> str:
    header = ("pictures", "way", "workers", "pictures/s", "p10 to p90", "share of decoding", "p10 to p90")
    rows = [_rate_cells(folder, row) for folder in folders for row in folder["rates"]]
    notes = []
    for folder in folders:
        run = folder["whole_folder"]
        notes.append(
            f"- {folder['kind']}: {folder['files']:,} files of {folder['format']}, {folder['distinct']} distinct, "
            f"{folder['median_bytes'] / 1000:.1f} kB each; {folder['right']:.0%} of the distinct ones are read right; "
            f"whole folder with {run['workers']} workers {run['seconds']:.1f} s from start to end, "
            f"{run['files'] / run['seconds']:.0f} pictures/s.\n"
        )
    return f"{markdown_table(header, rows)}\n{''.join(notes)}"


def _rate_cells(folder: Row, row: Row) -> tuple[str, ...]:
    shares = {share["workers"]: share for share in folder["share_of_decoding"]}
    share = shares[row["workers"]] if row["way"] == READING else None
    return (
        *(folder["kind"], row["way"], str(row["workers"])),
        *(_rate(row["median"]), f"{_rate(row['p10'])} to {_rate(row['p90'])}"),
        *((f"{share['median']:.1%}", f"{share['p10']:.1%} to {share['p90']:.1%}") if share else ("", "")),
    )


def _keras_table(keras: Row | None) -> str:
    if keras is None:
        return ""
    many = f"{keras['pictures']:,}"
    header = ("strips, one after the other", "strips/s", "p10 to p90", "times faster", "read right", f"{many} take, s")
    rows = [
        (
            *(row["way"], _rate(row["median"]), f"{_rate(row['p10'])} to {_rate(row['p90'])}"),
            *(_rate(row["times_faster"]["median"]), f"{row['right']:.0%}", f"{row['reckoned_seconds']:,}"),
        )
        for row in keras["rates"]
    ]
    return f"{markdown_table(header, rows)}\nA sample: {keras['sample']}.\n"


def _growth_table(growth: Sequence[Row]) -> str:
    """A further file: without what starting costs; where cost grows in step with the files it stays the same."""
    header = ("strips", "seconds, start to end", "of so many runs", "ms a file", "ms a further file")
    rows = []
    for before, run in zip([None, *growth], growth, strict=False):
        further = ""
        if before is not None and run["files"] > before["files"]:
            further = f"{1e3 * (run['seconds'] - before['seconds']) / (run['files'] - before['files']):.3f}"
        seconds = "{seconds:.2f} ({least_seconds:.2f} to {most_seconds:.2f})".format_map(run)
        each = f"{1e3 * run['seconds'] / run['files']:.3f}" if run["files"] else ""
        rows.append((f"{run['files']:,}", seconds, run["runs"], each, further))
    return f"edge-digits batch --workers {growth[0]['workers']}, how cost grows\n\n{markdown_table(header, rows)}"


def _memory_table(document: Document) -> str:
    columns = ("highest_bytes", "settled_bytes", "growth_bytes", "second_half_growth_bytes")
    rows = []
    for kind, run in _runs(document):
        if run["memory"] is not None:
            sizes = [run["memory"][column] for column in columns]
            rows.append((kind, f"{run['files']:,}", *("" if size is None else f"{size / _MB:.1f}" for size in sizes)))
    if not rows:
        return ""
    header = ("folder", "files", "most MB", "MB after 1,000", "growth after it, MB", "second half over first, MB")
    return f"Resident memory of the command and its workers together\n\n{markdown_table(header, rows)}"


def _rate(per_s: float) -> str:
    return f"{per_s:.1f}" if per_s < 100 else f"{per_s:.0f}"
