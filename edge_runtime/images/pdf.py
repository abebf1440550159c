"""Pages of PDF documents as pixels, drawn by PDFium (``pypdfium2``, the extra ``pdf``)."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import DependencyError, ImageError

_POINTS_PER_INCH: Final = 72.0
_ONE_AT_A_TIME: Final = threading.RLock()  # PDFium may be called by one thread of a process alone


def is_pdf(data: bytes) -> bool:
    """Whether this is how a PDF document begins."""
    return data.startswith(b"%PDF")


class OpenPdf(AbstractContextManager["OpenPdf"]):
    """A PDF document, open within the ``with`` block; other threads wait meanwhile for theirs.

    data: the document's bytes; name: for errors.
    Raises ``ImageError`` for a document that is damaged or locked, and ``DependencyError`` without pypdfium2.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self._pdfium = _load_pdfium(name)
        with _ONE_AT_A_TIME:
            try:
                self._document: Any = self._pdfium.PdfDocument(data)
            except self._pdfium.PdfiumError as error:
                if "password" in str(error).lower() or "security" in str(error).lower():
                    raise ImageError(f"{name}: is locked with a password; save a copy without it") from error
                raise ImageError(f"{name}: damaged PDF document; export it anew, or save its pages as PNG") from error
            self._document.init_forms()  # what was filled in is drawn as well
            self.page_count: int = len(self._document)
        if not self.page_count:
            self.close()
            raise ImageError(f"{name}: is a PDF document without pages")

    def __enter__(self) -> OpenPdf:
        _ONE_AT_A_TIME.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()
        _ONE_AT_A_TIME.release()

    def close(self) -> None:
        """Give the document's memory back."""
        with _ONE_AT_A_TIME:
            self._document.close()

    def render(self, number: int, dpi: float, max_megapixels: float) -> NDArray[np.uint8]:
        """Page ``number`` (from 1) on white, uint8 [H, W, 3] BGR; raises ``ImageError``, also where it is too large."""
        scale = dpi / _POINTS_PER_INCH
        try:
            width, height = self._document.get_page_size(number - 1)
            if not width * height * scale * scale <= max_megapixels * 1e6:  # so that NaN allows nothing
                raise ImageError(
                    f"{self.name}: has {width * scale:.0f}x{height * scale:.0f} pixels at {dpi:g} dpi, more than the "
                    f"{max_megapixels:g} megapixels allowed; lower the dpi or raise max_megapixels"
                )
            page = self._document[number - 1]
            bitmap = page.render(scale=scale, draw_annots=True)
            try:
                return np.array(bitmap.to_numpy()[:, :, :3], np.uint8)  # a copy: the bitmap's memory goes
            finally:
                bitmap.close()
                page.close()
        except self._pdfium.PdfiumError as error:
            raise ImageError(f"{self.name}: this page of the PDF document is damaged; save it as PNG") from error


def _load_pdfium(name: str) -> Any:
    try:
        import pypdfium2
    except ImportError as error:
        raise DependencyError(f"{name}: is a PDF document; to read it, pip install pypdfium2") from error
    return pypdfium2
