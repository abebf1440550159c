"""The parts of a Markdown page that a command writes, each between two marks."""

from __future__ import annotations

from edge_runtime import EdgeDigitsError


def replace_block(page: str, name: str, block: str) -> str:
    """The page with another text between ``<!-- NAME:begin -->`` and ``<!-- NAME:end -->``.

    Raises ``EdgeDigitsError`` where they are missing or not in order.
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise EdgeDigitsError(f"no {begin} with {end} after it; write both where the text of '{name}' shall stand")
    return f"{before}{begin}\n{block}{end}{after}"
