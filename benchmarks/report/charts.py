"""Charts of a record as PNG files: latency, accuracy against latency, throughput. Needs matplotlib.

Colours are Okabe and Ito's, which colour-blind people tell apart; each is also told by place, hatch or mark.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from edge_runtime import DependencyError

from .charts_points import Group, Point, front, latency_rows, point_groups

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE: Final = "#0072B2"
ORANGE: Final = "#E69F00"
GREEN: Final = "#009E73"
GREY: Final = "#7F7F7F"
_DPI: Final = 110
_WIDTH: Final = 9.0  # inches; about README's width in pixels
_DIGEST: Final = "Description"  # the PNG's text that says which figures it shows
_MB: Final = 1e6

Record = Mapping[str, Any]


def draw_charts(record: Record, folder: Path) -> list[str]:
    """Draw what the record has figures for, and remove charts of an earlier record; the files' names.

    Raises ``DependencyError`` without matplotlib.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise DependencyError("charts need matplotlib; install it: pip install 'edge-digits[benchmarks]'") from error
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    names = chart_names(record)
    with matplotlib.rc_context({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False}):
        for name in names:
            figure = CHARTS[name](record)
            metadata = {"Software": None, _DIGEST: digest(record)}
            figure.savefig(folder / name, dpi=_DPI, bbox_inches="tight", metadata=metadata)
    return names


def chart_names(record: Record) -> list[str]:
    """The charts that the record has figures for."""
    parts = record["parts"]
    has = {
        "latency.png": "latency" in parts,
        "accuracy.png": bool(point_groups(record)),
        "throughput.png": "throughput" in parts,
    }
    return [name for name in CHARTS if has[name]]


def digest(record: Record) -> str:
    """What a chart carries, to be compared with the record: a hash of all that is in it."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def digest_of(png: Path) -> str | None:
    """The hash that a chart carries; None where it has none. Needs matplotlib's companion Pillow."""
    from PIL import Image

    with Image.open(png) as picture:
        found = picture.info.get(_DIGEST)
    return found if isinstance(found, str) else None


def _latency(record: Record) -> Figure:
    rows = latency_rows(record["parts"]["latency"])
    figure, axes = _figure(1, 0.26 * len(rows) + 1.4)
    axis = axes[0]
    colours = {"edge": BLUE, "notebook": ORANGE}
    hatches = {"edge": "", "notebook": "//"}
    for place, row in enumerate(rows):
        network, p50_us = row["network"], row["p50_us"]
        axis.barh(place, p50_us, color=colours[network], hatch=hatches[network], edgecolor="white", height=0.72)
        axis.plot([p50_us, row["p99_us"]], [place, place], color="black", linewidth=1)
        axis.plot([row["p90_us"], row["p99_us"]], [place, place], "|", color="black", markersize=7)
        axis.annotate(_us(p50_us), (row["p99_us"], place), (6, 0), textcoords="offset points", va="center", fontsize=9)
    axis.set_yticks(range(len(rows)), [row["title"] for row in rows])
    axis.set_xscale("log")
    axis.set_xlim(min(row["p50_us"] for row in rows) / 2, 4 * max(row["p99_us"] for row in rows))
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.set_xlabel("µs for one strip; bar: p50, whisker to p99, ticks at p90 and p99")
    axis.grid(axis="x", alpha=0.3)
    axis.set_axisbelow(True)
    for network, title in (("edge", "edge (this package)"), ("notebook", "notebook (the published network)")):
        axis.barh([0], [0], color=colours[network], hatch=hatches[network], edgecolor="white", label=title)
    axis.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2, frameon=False)
    return figure


def _accuracy(record: Record) -> Figure:
    groups = point_groups(record)
    figure, axes = _figure(len(groups), 3.5 * len(groups), rows=True)
    for axis, group in zip(axes, groups, strict=True):
        _scatter(axis, group)
    figure.tight_layout(h_pad=2)
    return figure


def _scatter(axis: Axes, group: Group) -> None:
    for is_ours, colour, mark, title in ((True, BLUE, "o", group.ours), (False, ORANGE, "s", group.others)):
        part = [point for point in group.points if point.is_ours == is_ours]
        if part:
            axis.scatter(
                [point.us for point in part], [100 * point.accuracy for point in part],
                color=colour, marker=mark, s=42, edgecolor="black", linewidth=0.5, label=title, zorder=2,
            )  # fmt: skip
    axis.set_xscale("log")
    low, high = min(point.us for point in group.points), max(point.us for point in group.points)
    axis.set_xlim(low / 1.6, high * 4)
    axis.margins(y=0.25)
    bottom, right = axis.get_ylim()[0], axis.get_xlim()[1]
    axis.set_ylim(bottom, axis.get_ylim()[1])
    best = front(group.points)
    axis.plot(
        [best[0].us, *(point.us for point in best), right],
        [bottom, *(100 * point.accuracy for point in best), 100 * best[-1].accuracy],
        color=GREY, linestyle="--", linewidth=1.2, drawstyle="steps-post", label="Pareto front", zorder=1,
    )  # fmt: skip
    _name_points(axis, group.points)
    axis.set_title(group.title, loc="left", fontsize=11)
    axis.set_xlabel(group.x_title)
    axis.set_ylabel("whole numbers right, %")
    axis.xaxis.set_major_formatter(lambda us, _: _us(us))
    axis.xaxis.set_minor_formatter(lambda us, _: "")
    axis.grid(alpha=0.3)
    axis.set_axisbelow(True)
    axis.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))


def _name_points(axis: Axes, points: Sequence[Point]) -> None:
    """Names beside the points, of neighbours in turn above and below, so that they do not cover each other."""
    heights = (6, -13, 17, -23)  # points above the mark
    for is_ours in (True, False):
        part = sorted((point for point in points if point.is_ours == is_ours), key=lambda point: point.us)
        for place, point in enumerate(part):
            offset = (4, heights[place % len(heights)])
            position = (point.us, 100 * point.accuracy)
            axis.annotate(point.name, position, offset, textcoords="offset points", fontsize=8)


def _throughput(record: Record) -> Figure:
    part = record["parts"]["throughput"]
    figure, axes = _figure(3, 3.4)
    _rates(axes[0], part["folders"])
    _growth(axes[1], part["growth"])
    _memory(axes[2], part["growth"])
    figure.tight_layout(w_pad=2)
    return figure


def _rates(axis: Axes, folders: Sequence[Mapping[str, Any]]) -> None:
    """Pictures a second by kind: read and decoded alone, with one worker and with all."""
    series = [(row["way"], row["workers"]) for row in folders[0]["rates"]]
    ways = list(dict.fromkeys(way for way, _ in series))
    fewest = min(workers for _, workers in series)
    width = 0.8 / len(series)
    for index, (way, workers) in enumerate(series):
        rows = [next(r for r in folder["rates"] if (r["way"], r["workers"]) == (way, workers)) for folder in folders]
        middles = [row["median"] for row in rows]
        spread = [[row["median"] - row["p10"] for row in rows], [row["p90"] - row["median"] for row in rows]]
        places = [place + (index - (len(series) - 1) / 2) * width for place in range(len(folders))]
        axis.bar(
            places, middles, width, yerr=spread, label=f"{way}, {workers} worker{'s' if workers > 1 else ''}",
            color=(BLUE, GREY)[ways.index(way)], hatch="" if workers > fewest else "///", edgecolor="white",
            error_kw={"linewidth": 1},
        )  # fmt: skip
    axis.set_yscale("log")
    axis.set_xticks(range(len(folders)), [folder["kind"] for folder in folders])
    axis.set_title("pictures a second", loc="left", fontsize=11)
    axis.legend(frameon=False, fontsize=7, loc="upper right")
    axis.set_ylim(top=axis.get_ylim()[1] * 12)


def _growth(axis: Axes, growth: Sequence[Mapping[str, Any]]) -> None:
    files = [run["files"] for run in growth]
    axis.plot(files, [run["ms_per_file"] for run in growth], "o-", color=BLUE, label="start included")
    further = [(run["files"], run["ms_per_further_file"]) for run in growth if run["ms_per_further_file"] is not None]
    if further:
        axis.plot(*zip(*further, strict=True), "s--", color=ORANGE, label="each further file")
    axis.set_xscale("log")
    axis.set_ylim(bottom=0)
    axis.xaxis.set_major_formatter(lambda files, _: _thousands(files))
    axis.xaxis.set_minor_formatter(lambda files, _: "")
    axis.set_title("ms a strip, by number of files", loc="left", fontsize=11)
    axis.grid(alpha=0.3)
    axis.legend(frameon=False, fontsize=8)


def _memory(axis: Axes, growth: Sequence[Mapping[str, Any]]) -> None:
    runs = [run for run in growth if run["memory"]]
    if runs:
        samples = runs[-1]["memory"]["over_time"]
        axis.plot([rows for _, rows, _ in samples], [size / _MB for _, _, size in samples], color=GREEN)
    axis.set_ylim(bottom=0)
    axis.set_title("resident MB, by files read", loc="left", fontsize=11)
    axis.xaxis.set_major_formatter(lambda files, _: _thousands(files))
    axis.grid(alpha=0.3)


def _figure(count: int, height: float, *, rows: bool = False) -> tuple[Figure, list[Axes]]:
    """A figure outside of pyplot's global state, with so many axes below or beside one another."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, height))
    FigureCanvasAgg(figure)
    shape = (count, 1) if rows else (1, count)
    found: Iterable[Axes] = figure.subplots(*shape, squeeze=False).flat
    return figure, list(found)


def _thousands(count: float) -> str:
    return f"{count / 1000:g}k" if count >= 1000 else f"{count:g}"


def _us(us: float) -> str:
    for size, unit in ((1e6, "s"), (1e3, "ms")):
        if us >= size:
            return f"{us / size:.3g} {unit}"
    return f"{us:.3g} µs"


CHARTS: Final[Mapping[str, Callable[[Record], Figure]]] = {
    "latency.png": _latency,
    "accuracy.png": _accuracy,
    "throughput.png": _throughput,
}
