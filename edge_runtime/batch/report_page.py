"""The page of a report as HTML: one file without scripts, its pictures beside it, nothing from a network."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .rows import STATUSES, Row

_MEANINGS: Final = {
    "read": "a reading was accepted",
    "unsure": "readings, none accepted",
    "empty": "no number found",
    "error": "could not be read",
}
_CHART_WIDTH: Final = 640
_CHART_HEIGHT: Final = 200
_PLOT: Final = (48, 12, _CHART_WIDTH - 8, _CHART_HEIGHT - 36)  # left, top, right, bottom

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1c1e21; --soft: #5d646e; --ground: #f6f7f8; --card: #fff; --line: #d9dde2;
  --read: #1f8a4c; --unsure: #d9730d; --empty: #6b7280; --error: #c62828; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a3aab4; --ground: #15171a; --card: #1f2226;
  --line: #363b42; --read: #4cc07d; --unsure: #f0a04b; --empty: #9aa3af; --error: #f27474; } }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; margin: 0 0 1rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; }
p, .soft { color: var(--soft); }
.counts, .tiles { display: grid; gap: .8rem; padding: 0; margin: 0; list-style: none; }
.counts { grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }
.tiles { grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); align-items: start; }
.counts li, .tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.counts li { padding: .7rem .9rem; border-top: 4px solid var(--line); }
.counts b { display: block; font-size: 1.7rem; font-variant-numeric: tabular-nums; }
.tiles img { display: block; width: 100%; height: auto; border-radius: 8px 8px 0 0; }
.tiles li > div { padding: .5rem .75rem .7rem; overflow-wrap: anywhere; }
.number { font-size: 1.25rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.path { font: .8rem ui-monospace, monospace; color: var(--soft); }
.read { border-top-color: var(--read) !important; } .unsure { border-top-color: var(--unsure) !important; }
.empty { border-top-color: var(--empty) !important; } .error { border-top-color: var(--error) !important; }
.word-read { color: var(--read); } .word-unsure { color: var(--unsure); }
svg { background: var(--card); border: 1px solid var(--line); border-radius: 8px; max-width: 100%; height: auto; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; } svg line { stroke: var(--line); }
.bar-read { fill: var(--read); } .bar-unsure { fill: var(--unsure); }
.errors { padding-left: 1.2rem; overflow-wrap: anywhere; font: .85rem ui-monospace, monospace; }
"""


@dataclass(frozen=True)
class Tile:
    """A row and its small picture: address on the page, or None where there is none; size in pixels."""

    row: Row
    picture: str | None
    width: int
    height: int


@dataclass(frozen=True)
class Page:
    """What stands on the page.

    counts: files by status; histogram: files by confidence, from 0 to 1 in equal steps, for "read" and "unsure".
    """

    title: str
    counts: Mapping[str, int]
    histogram: Mapping[str, Sequence[int]]
    uncertain: Sequence[Tile]
    empty: Sequence[Tile]
    errors: Sequence[Row]


def render(page: Page) -> str:
    """The page as HTML; every text from outside is escaped."""
    title = escape(page.title)
    total = sum(page.counts.values())
    sections = [
        f"<h1>{title}</h1>",
        f'<ul class="counts"><li><b>{total:,}</b>files</li>{"".join(_count(page, status) for status in STATUSES)}</ul>',
        "<h2>Confidence</h2>",
        _histogram(page.histogram),
        _gallery(
            "The least certain pictures", "Those with a reading that was not accepted come first.", page.uncertain,
            sum(page.counts.get(status, 0) for status in ("read", "unsure")),
        ),
        _gallery("Pictures without a number", "If there is a number here, it was missed.",
                 page.empty, page.counts.get("empty", 0)),
        _errors(page.errors, page.counts.get("error", 0)),
    ]  # fmt: skip
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    body = "\n".join(section for section in sections if section)
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}<style>{_STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'
    )


def escape(text: str) -> str:
    r"""For HTML, in one line: line ends, control characters and what turns the writing direction as \x.. or \u...."""
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return html.escape(shown)


def _count(page: Page, status: str) -> str:
    return f'<li class="{status}"><b>{page.counts.get(status, 0):,}</b>{status}: {_MEANINGS[status]}</li>'


def _histogram(histogram: Mapping[str, Sequence[int]]) -> str:
    """Bars of the confidence, what was read below what was not accepted."""
    bins = list(zip(histogram["read"], histogram["unsure"], strict=True))
    highest = max([sum(pair) for pair in bins] + [1])
    left, top, right, bottom = _PLOT
    step = (right - left) / len(bins)
    bars = []
    for number, pair in enumerate(bins):
        foot = float(bottom)
        span = f"{number / len(bins):.2f} to {(number + 1) / len(bins):.2f}"
        for status, count in zip(("read", "unsure"), pair, strict=True):
            height = (bottom - top) * count / highest
            foot -= height
            if count:
                bars.append(
                    f'<rect class="bar-{status}" x="{left + number * step + 1:.1f}" y="{foot:.1f}" '
                    f'width="{step - 2:.1f}" height="{max(height, 1):.1f}">'
                    f"<title>{count:,} {status}, confidence {span}</title></rect>"
                )
    ticks = "".join(
        f'<text x="{left + share * (right - left):.0f}" y="{bottom + 16}" text-anchor="middle">{share:g}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    scale = (
        f'<text x="{left - 6}" y="{top + 8}" text-anchor="end">{highest:,}</text>'
        f'<text x="{left - 6}" y="{bottom}" text-anchor="end">0</text>'
        f'<line x1="{left}" y1="{bottom}" x2="{right}" y2="{bottom}"/>'
    )
    words = f'<text x="{(left + right) / 2:.0f}" y="{bottom + 31}" text-anchor="middle">confidence</text>'
    size = f'width="{_CHART_WIDTH}" height="{_CHART_HEIGHT}" viewBox="0 0 {_CHART_WIDTH} {_CHART_HEIGHT}"'
    label = "Files by confidence"
    legend = '<p><span class="word-read">■</span> read <span class="word-unsure">■</span> unsure</p>'
    return f'<svg role="img" aria-label="{label}" {size}>{scale}{"".join(bars)}{ticks}{words}</svg>{legend}'


def _gallery(heading: str, words: str, tiles: Sequence[Tile], of: int) -> str:
    if not tiles:
        return ""
    shown = f"{len(tiles):,} of {of:,}. {words}"
    return f'<h2>{heading}</h2><p>{shown}</p><ul class="tiles">{"".join(_tile(tile) for tile in tiles)}</ul>'


def _tile(tile: Tile) -> str:
    row = tile.row
    picture = (
        f'<img src="{tile.picture}" width="{tile.width}" height="{tile.height}" alt="" loading="lazy">'
        if tile.picture
        else '<div class="soft">The picture is no longer there.</div>'
    )
    texts = row.text or " ".join(reading.text for reading in row.readings)
    words = "" if row.confidence is None else f'<span class="word-{row.status}">{row.status}</span>'
    number = (
        "" if row.confidence is None else f'<span class="number">{escape(texts)}</span> {row.confidence:.1%} {words}'
    )
    weak = [f"{reading.text} {reading.confidence:.1%}" for reading in row.readings if not reading.accepted]
    unsure = f'<div class="soft">not accepted: {escape(", ".join(weak))}</div>' if weak and row.text else ""
    note = unsure + (f'<div class="soft">{escape(row.note)}</div>' if row.note else "")
    return f'<li>{picture}<div>{number}<div class="path">{escape(row.path)}</div>{note}</div></li>'


def _errors(rows: Sequence[Row], of: int) -> str:
    if not rows:
        return ""
    lines = "".join(f"<li>{escape(row.error or row.path)}</li>" for row in rows)
    return f'<h2>Files that could not be read</h2><p>{len(rows):,} of {of:,}.</p><ul class="errors">{lines}</ul>'
