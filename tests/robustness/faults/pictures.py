"""Pictures of a drawn number in every file format that this OpenCV writes and reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

NUMBER: Final = "2750"
PAGE_HW: Final = (96, 160)

_SUFFIXES: Final = (
    *(".png", ".jpg", ".bmp", ".webp", ".tiff", ".gif", ".ppm", ".pgm", ".pbm", ".pam", ".pfm"),
    *(".avif", ".jp2", ".sr", ".hdr", ".exr"),
)
_GREY_ONLY: Final = (".pgm", ".pbm")
_FLOATS: Final = (".pfm", ".hdr", ".exr")


def draw_page(text: str = NUMBER, image_hw: tuple[int, int] = PAGE_HW, seed: int = 0) -> NDArray[np.uint8]:
    """Paper with a dark number in the middle and a camera's noise, uint8 [H, W, 3] BGR."""
    height, width = image_hw
    paper = np.random.default_rng(seed).normal(205, 5, (height, width, 3)).clip(0, 255).astype(np.uint8)
    scale = 0.6 * width / cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1, 1)[0][0]
    stroke = max(2, round(2.5 * scale))
    (text_width, text_height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, stroke)
    place = ((width - text_width) // 2, (height + text_height) // 2)
    cv2.putText(paper, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (50, 40, 40), stroke, cv2.LINE_AA)
    return paper


def jpeg(text: str, image_hw: tuple[int, int] = (480, 640), seed: int = 0) -> bytes:
    """The page as a JPEG file, as a camera sends it."""
    return _encoded(".jpg", draw_page(text, image_hw, seed)) or b""


def originals(image_hw: tuple[int, int] = PAGE_HW) -> dict[str, bytes]:
    """Sound files by a name that tells their form: every format, with grey, alpha, 16-bit and other forms of some."""
    page = draw_page(image_hw=image_hw)
    grey = cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)
    alpha = np.dstack([page, np.full(page.shape[:2], 255, np.uint8)])
    files = {suffix[1:]: _encoded(suffix, _for_format(suffix, page, grey)) for suffix in _SUFFIXES}
    files |= {f"grey.{suffix[1:]}": _encoded(suffix, grey) for suffix in (".png", ".jpg", ".bmp", ".tiff")}
    files |= {f"alpha.{suffix[1:]}": _encoded(suffix, alpha) for suffix in (".png", ".webp", ".tiff", ".bmp", ".avif")}
    files |= {f"16bit.{suffix[1:]}": _encoded(suffix, grey.astype(np.uint16) << 8) for suffix in (".png", ".tiff")}
    files["progressive.jpg"] = _encoded(".jpg", page, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
    files["restart.jpg"] = _encoded(".jpg", page, [cv2.IMWRITE_JPEG_RST_INTERVAL, 2])
    files["lossless.webp"] = _encoded(".webp", page, [cv2.IMWRITE_WEBP_QUALITY, 101])
    files["plain.tiff"] = _encoded(".tiff", page, [cv2.IMWRITE_TIFF_COMPRESSION, 1])
    files["pages.tiff"] = _several(".tiff", [page, grey])
    files["text.ppm"] = _encoded(".ppm", page, [cv2.IMWRITE_PXM_BINARY, 0])
    return {name: content for name, content in files.items() if content and _is_decoded(content)}


def _for_format(suffix: str, page: NDArray[np.uint8], grey: NDArray[np.uint8]) -> NDArray[np.generic]:
    if suffix in _FLOATS:
        return page.astype(np.float32) / 255
    return grey if suffix in _GREY_ONLY else page


def _encoded(suffix: str, pixels: NDArray[np.generic], settings: Sequence[int] = ()) -> bytes | None:
    """None where this OpenCV was built without the format."""
    try:
        ok, content = cv2.imencode(suffix, pixels, settings)
    except cv2.error:
        return None
    return content.tobytes() if ok else None


def _several(suffix: str, pages: Sequence[NDArray[np.uint8]]) -> bytes | None:
    try:
        ok, content = cv2.imencodemulti(suffix, pages)
    except (cv2.error, AttributeError):  # OpenCV before 4.11 has no such function
        return None
    return content.tobytes() if ok else None


def _is_decoded(content: bytes) -> bool:
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) is not None
    except cv2.error:
        return False
