"""``Readings``: the numbers of one picture, which show themselves in a notebook."""

from __future__ import annotations

import itertools
import os
import sys
import weakref
from collections.abc import Callable, Iterable
from typing import Any, Final

from edge_runtime.core.errors import EdgeDigitsError
from edge_runtime.core.opencv import cv2
from edge_runtime.core.types import Reading

from .load import MAX_MEGAPIXELS, ImageSource, load_picture

_LONG_SIDE: Final = 1000  # pixels of the picture in a notebook; as JPEG below half a megabyte
_JPEG_QUALITY: Final = 85
_MOST_ROWS: Final = 100  # of the table

_numbers: Final = itertools.count()
_latest: Final[dict[int, ImageSource]] = {}
"""Where IPython runs, the one picture read last, by its number: what nobody else holds is shown until the next one."""


class Readings(list[Reading]):
    """The numbers of one picture, in reading order: a list of ``Reading``.

    In a notebook it shows the picture with boxes, and a table. For that it remembers where the picture came from, and
    draws when it is asked to: a path is read again; an array, ``Picture`` or PIL image is held weakly, so that it can
    be shown as long as somebody else holds it, and is never kept alive by its readings. Where IPython runs, the one
    picture read last is held, bytes too; elsewhere bytes are not.
    """

    def __init__(
        self,
        readings: Iterable[Reading] = (),
        source: ImageSource | None = None,
        max_megapixels: float = MAX_MEGAPIXELS,
    ) -> None:
        super().__init__(readings)
        self._source = _remembered(source)
        self._max_megapixels = max_megapixels

    def to_dicts(self) -> list[dict[str, Any]]:
        """``Reading.as_dict`` of each: JSON-safe, and rows for ``pandas.DataFrame`` or ``polars.from_dicts``."""
        return [reading.as_dict() for reading in self]

    def __reduce__(self) -> tuple[type[Readings], tuple[Any, ...]]:
        source = self._source()
        path = source if isinstance(source, (str, os.PathLike)) else None
        return Readings, (list(self), path, self._max_megapixels)

    def _repr_html_(self) -> str:
        return f"<div>{self._picture_html()}{self._table_html()}</div>"

    def _picture_html(self) -> str:
        import base64  # here, as below: a device that shows no notebook starts without what draws one
        import html

        from .annotate import draw_reduced

        source = self._source()
        if source is None:
            return "<p>The picture is not held any more; read a path, or keep the array, to see it here.</p>"
        try:
            picture = load_picture(source, max_megapixels=self._max_megapixels)
        except EdgeDigitsError as error:  # the file has gone, or has changed
            return f"<p>{html.escape(str(error))}</p>"
        drawn = draw_reduced(picture, self, _LONG_SIDE)
        data = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1].tobytes()
        return f'<img alt="what was read" src="data:image/jpeg;base64,{base64.b64encode(data).decode()}">'

    def _table_html(self) -> str:
        import html

        from edge_runtime.core.percent import percent

        if not self:
            return "<p>no number</p>"
        rows = "".join(
            f"<tr><td>{html.escape(reading.text)}</td><td>{percent(reading.confidence)}</td>"
            f"<td>{'yes' if reading.accepted else 'no'}</td></tr>"
            for reading in self[:_MOST_ROWS]
        )
        more = f"<p>and {len(self) - _MOST_ROWS} more</p>" if len(self) > _MOST_ROWS else ""
        return f"<table><tr><th>text</th><th>confidence</th><th>accepted</th></tr>{rows}</table>{more}"


def _remembered(source: ImageSource | None) -> Callable[[], ImageSource | None]:
    """Gives the source again, or None once it is gone."""
    if source is None or isinstance(source, (str, os.PathLike)):
        return lambda: source
    number = next(_numbers)
    if "IPython" in sys.modules:
        _latest.clear()
        _latest[number] = source
    try:
        return weakref.ref(source)
    except TypeError:  # bytes cannot be held weakly
        return lambda: _latest.get(number)
