"""A picture from a file, bytes or an array -> pixels that the reader can use, or an ``ImageError``.

Files are bounded twice: by their own size before they are read and by the size their header claims
before they are decoded. Colour is BGR, as OpenCV gives it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.errors import ImageError
from edge_runtime.core.opencv import cv2
from edge_runtime.images.probe.formats import KINDS, other_kind, read_header
from edge_runtime.images.probe.header import Header

from .choice import DPI
from .convert import (
    PillowImage,
    in_colour,
    is_pillow,
    notes_of,
    pillow_orientation,
    pillow_pixels,
    to_8_bit,
    turned_note,
    upright,
    without_alpha,
)
from .pdf import OpenPdf, is_pdf

MAX_FILE_BYTES: Final = 200 * 1024 * 1024
MAX_MEGAPIXELS: Final = 100.0
LONG_SIDE_NEEDED: Final = 1600  # pixels; a JPEG with twice as many is decoded at a half, a quarter or an eighth

_REDUCED: Final = (
    (8, cv2.IMREAD_REDUCED_COLOR_8),
    (4, cv2.IMREAD_REDUCED_COLOR_4),
    (2, cv2.IMREAD_REDUCED_COLOR_2),
)


@dataclass(frozen=True)
class Picture:
    """What was loaded.

    pixels: uint8 [H, W] grey or [H, W, 3] BGR, upright.
    scale: the file's pixels for one of these (1, 2, 4 or 8).
    note: in words, what was done to the picture that one may want to know ("first of 3 pages"); empty: nothing.
    page: number of the page of a document, from 1, where it was asked for (``load_pages``).
    """

    pixels: NDArray[np.uint8]
    scale: float = 1.0
    note: str = ""
    page: int | None = None


ImageSource = str | os.PathLike[str] | bytes | bytearray | memoryview | NDArray[np.uint8] | Picture | PillowImage


def load_picture(image: ImageSource, *, max_megapixels: float = MAX_MEGAPIXELS) -> Picture:
    """Load and check a picture.

    image: path of a PNG, JPEG, BMP, GIF, WebP, TIFF, AVIF, PBM/PGM/PPM or PDF file, the bytes of one, or a uint8
        array: [H, W] or [H, W, 1] grey, [H, W, 3] BGR, [H, W, 4] BGRA; or a ``PIL.Image.Image`` of any mode, of
        which the frame at hand is taken; a ``Picture`` is taken as it is.
    The kind is told by the content, not by the name. Transparent parts become white, or black where all that is
    visible is light; Exif orientation is applied; more than 8 bits are brought to 8; and of several pages or frames
    the first is taken (``load_pages`` gives the others), of a PDF at 150 dpi. What was done is in the picture's note.
    Raises ``ImageError`` that names the file and what to do about it, and for a PDF without pypdfium2
    ``DependencyError``.
    """
    if isinstance(image, Picture):
        return image
    if isinstance(image, np.ndarray):
        return _check_array(image)
    if isinstance(image, (bytes, bytearray, memoryview)):
        return decode(bytes(image), f"picture of {len(image)} bytes", max_megapixels)
    if isinstance(image, (str, os.PathLike)):
        return decode(read_file(Path(image)), os.fspath(image), max_megapixels)
    if is_pillow(image):
        return _from_pillow(image, max_megapixels)
    hint = "; cv2.imread gives None for a file that it cannot read" if image is None else ""
    raise ImageError(f"picture is a {type(image).__name__}, expected a path, bytes, a uint8 array or a PIL image{hint}")


def _check_array(array: NDArray[np.uint8]) -> Picture:
    if array.dtype != np.uint8:
        raise ImageError(f"picture array is {array.dtype}, expected uint8 (0 to 255)")
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if channels not in (1, 3, 4):
        raise ImageError(f"picture array has shape {list(array.shape)}, expected [H, W], [H, W, 3] or [H, W, 4]")
    if array.size == 0:
        raise ImageError(f"picture array has shape {list(array.shape)}, there are no pixels in it")
    if channels == 4:
        pixels, note = without_alpha(array)
        return Picture(pixels, note=note)
    return Picture(np.ascontiguousarray(array.reshape(array.shape[:2]) if channels == 1 else array))


def _from_pillow(image: PillowImage, max_megapixels: float) -> Picture:
    name = getattr(image, "filename", "") or f"PIL image of mode {image.mode}"
    width, height = image.size
    if width * height == 0:
        raise ImageError(f"{name}: has {width}x{height} pixels, there is nothing to read in it")
    _check_size(width * height, max_megapixels, f"{name}: has {width}x{height} pixels")
    try:
        orientation, decoded = pillow_orientation(image), pillow_pixels(image)
    except Exception as error:  # Pillow's decoders have no common root of what they raise
        raise ImageError(f"{name}: Pillow cannot decode it ({error}); check the file that it comes from") from error
    return _finished(decoded, orientation, [turned_note(orientation)])


def _check_size(pixels: int, max_megapixels: float, claim: str) -> None:
    if not pixels <= max_megapixels * 1e6:  # so that NaN allows nothing
        raise ImageError(
            f"{claim}, more than the {max_megapixels:g} megapixels allowed; reduce the picture or raise max_megapixels"
        )


def _finished(decoded: NDArray[Any], orientation: int, notes: Sequence[str], scale: float = 1.0) -> Picture:
    """What a decoder gave, in 8 bits and upright, with notes of all that was done."""
    pixels, bits_note = to_8_bit(decoded)
    picture = _check_array(upright(in_colour(pixels), orientation))
    note = "; ".join(part for part in (*notes, bits_note, picture.note) if part)
    return Picture(picture.pixels, scale, note)


def read_file(path: Path) -> bytes:
    """The bytes of a regular file of bounded size; raises ``ImageError``."""
    try:
        facts = path.stat()
        if stat.S_ISDIR(facts.st_mode):
            raise ImageError(f"{path}: is a folder; give a picture, or use edge-digits batch for folders")
        if not stat.S_ISREG(facts.st_mode):  # a pipe or a device might never end
            raise ImageError(f"{path}: is not a regular file; give a picture file or its bytes")
        with path.open("rb") as file:
            # Asked for no more than there is: Python sets that much memory aside at once.
            data = file.read(facts.st_size + 1) if facts.st_size <= MAX_FILE_BYTES else None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{path}: cannot be read ({reason}); check the path and its permissions") from error
    if data is None or len(data) > MAX_FILE_BYTES:
        raise ImageError(f"{path}: larger than {MAX_FILE_BYTES // 2**20} MB; reduce the picture first")
    return data


def decode(data: bytes, name: str, max_megapixels: float, *, says_first: bool = True) -> Picture:
    """The bytes of a file as a picture.

    name: for errors; says_first: of several pages or frames, note that this is the first.
    Raises as ``load_picture`` does.
    """
    if not data:
        raise ImageError(f"{name}: is empty; give a picture ({KINDS})")
    if is_pdf(data):
        with OpenPdf(data, name) as document:
            pixels = document.render(1, DPI, max_megapixels)
            first = f"first of {document.page_count} pages; " if document.page_count > 1 else ""
        return Picture(pixels, note=f"{first}PDF drawn at {DPI:g} dpi")
    header = read_header(data)
    if header is None:
        kind = other_kind(data)
        what = f"is {kind}, which is not read" if kind else "is not a picture that can be read, or is damaged"
        raise ImageError(f"{name}: {what}; give {KINDS}")
    claims = f"{header.width}x{header.height} pixels"
    if header.tile_pixels > header.width * header.height:
        claims += f" in tiles of {header.tile_pixels}"
    largest = max(header.width * header.height, header.tile_pixels)
    _check_size(largest, max_megapixels, f"{name}: claims {claims}")
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), _flags(header))
    except cv2.error:
        decoded = None
    if decoded is None or decoded.size == 0:
        raise ImageError(
            f"{name}: damaged {header.kind} file, or a form of it that OpenCV {cv2.__version__} does not read; "
            "export it anew as PNG"
        )
    if not says_first:
        header = replace(header, frames=1)
    scale = max(max(header.width, header.height) / max(decoded.shape[:2]), 1.0)
    return _finished(decoded, header.orientation, notes_of(header), scale)


def _flags(header: Header) -> int:
    """As the file has it where something would be lost; else BGR, from large JPEGs with fewer pixels."""
    if (header.alpha or header.bits > 8) and not header.cmyk:
        return cv2.IMREAD_UNCHANGED
    if header.kind == "JPEG":
        for factor, flag in _REDUCED:
            if max(header.width, header.height) >= factor * LONG_SIDE_NEEDED:
                return flag | cv2.IMREAD_IGNORE_ORIENTATION
    return cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
