"""What ``python -m benchmarks throughput`` has measured, as tables and warnings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from train.core.markdown import markdown_table

Figures = Mapping[str, Any]

_MB: Final = 1e6


def warnings(document: Figures) -> list[str]:
    """One line for each figure that is not to be trusted."""
    rows = [(folder["kind"], row) for folder in document["folders"] for row in folder["rates"]]
    rows += [("strips beside Keras", row) for row in (document["keras"] or {"rates": []})["rates"]]
    found = [
        f"unstable: {kind}, {row['way']}, {row['workers']} worker(s): one block in ten is a fifth below the median"
        for kind, row in rows
        if row["unstable"]
    ]
    runs = [(folder["kind"], folder["whole_folder"]) for folder in document["folders"]]
    runs += [("strips", run) for run in document["growth"]]
    found += [
        f"cut short: {kind}: stopped at {run['files']:,} files after {run['seconds']:.0f} s"
        for kind, run in runs
        if not run["complete"]
    ]
    return found


def markdown(document: Figures) -> str:
    """The document's figures as tables."""
    processor = document["machine"]
    parts = [
        f"{processor['name']}, {processor['processors']} processors, model {document['reader']['model']}\n",
        "".join(f"{words}\n\n" for words in document["method"].values()).rstrip("\n") + "\n",
        _folders_table(document["folders"]),
        _keras_table(document["keras"]),
        _growth_table(document["growth"]),
        _memory_table(document),
        "".join(f"left out: {reason}\n" for reason in document["left_out"]),
        "".join(f"warning: {warning}\n" for warning in document["warnings"]),
    ]
    return "\n".join(part for part in parts if part)


def _folders_table(folders: list[Figures]) -> str:
    header = ("pictures", "way", "workers", "pictures/s", "p10 to p90", "share of decoding", "p10 to p90")
    rows = [_rate_cells(folder, row) for folder in folders for row in folder["rates"]]
    notes = [
        f"{folder['kind']}: {folder['files']:,} files of {folder['format']}, {folder['distinct']} distinct, "
        f"{folder['median_bytes'] / 1000:.1f} kB each; {folder['right']:.0%} of the distinct ones are read right; "
        f"whole folder with {folder['whole_folder']['workers']} workers {folder['whole_folder']['seconds']:.1f} s from "
        f"start to end, {folder['whole_folder']['pictures_per_s']:.0f} pictures/s.\n"
        for folder in folders
    ]
    return f"{markdown_table(header, rows)}\n{''.join(notes)}"


def _rate_cells(folder: Figures, row: Figures) -> tuple[str, ...]:
    shares = {share["workers"]: share for share in folder["share_of_decoding"]}
    share = shares[row["workers"]] if row["way"] == folder["rates"][0]["way"] else None
    return (
        folder["kind"],
        row["way"],
        str(row["workers"]),
        _rate(row["median"]),
        f"{_rate(row['p10'])} to {_rate(row['p90'])}",
        f"{share['median']:.1%}" if share else "",
        f"{share['p10']:.1%} to {share['p90']:.1%}" if share else "",
    )


def _keras_table(keras: Figures | None) -> str:
    if keras is None:
        return ""
    many = f"{keras['pictures']:,}"
    header = ("strips, one after the other", "strips/s", "p10 to p90", "times faster", "read right", f"{many} take, s")
    rows = [
        (
            row["way"],
            _rate(row["median"]),
            f"{_rate(row['p10'])} to {_rate(row['p90'])}",
            f"{_rate(row['times_faster']['median'])}",
            f"{row['right']:.0%}",
            f"{row['reckoned_seconds']:,}",
        )
        for row in keras["rates"]
    ]
    return f"{markdown_table(header, rows)}\nA sample: {keras['sample']}.\n"


def _growth_table(growth: list[Figures]) -> str:
    header = ("strips", "seconds, start to end", "of so many runs", "ms a file", "ms a further file")
    rows = [
        (
            f"{run['files']:,}",
            f"{run['seconds']:.2f} ({run['least_seconds']:.2f} to {run['most_seconds']:.2f})",
            run["runs"],
            _ms(run["ms_per_file"]),
            _ms(run["ms_per_further_file"]),
        )
        for run in growth
    ]
    workers = growth[0]["workers"]
    return f"edge-digits batch --workers {workers}, how cost grows\n\n{markdown_table(header, rows)}"


def _memory_table(document: Figures) -> str:
    runs = [(folder["kind"], folder["whole_folder"]) for folder in document["folders"]]
    runs += [("strips", run) for run in document["growth"]]
    rows = [_memory_cells(kind, run) for kind, run in runs if run["memory"]]
    if not rows:
        return ""
    header = ("folder", "files", "most MB", "MB after 1,000", "growth after it, MB", "second half over first, MB")
    return f"Resident memory of the command and its workers together\n\n{markdown_table(header, rows)}"


def _memory_cells(kind: str, run: Figures) -> tuple[str, ...]:
    keys = ("highest_bytes", "settled_bytes", "growth_bytes", "second_half_growth_bytes")
    sizes = [run["memory"][key] for key in keys]
    return kind, f"{run['files']:,}", *("" if size is None else f"{size / _MB:.1f}" for size in sizes)


def _rate(per_s: float) -> str:
    return f"{per_s:.1f}" if per_s < 100 else f"{per_s:.0f}"


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
