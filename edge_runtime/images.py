"""A picture from a file, bytes or an array -> pixels that the reader can use, or an ``ImageError``.

Files are bounded twice: by their own size before they are read and by the size their header claims
before they are decoded. Colour is BGR, as OpenCV gives it.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .errors import ImageError
from .headers import KINDS, Header, read_header
from .opencv import cv2

ImageSource = str | os.PathLike[str] | bytes | bytearray | memoryview | NDArray[np.uint8]

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
    """pixels: uint8 [H, W] grey or [H, W, 3] BGR; scale: the file's pixels for one of these (1, 2, 4 or 8)."""

    pixels: NDArray[np.uint8]
    scale: float = 1.0


def load_picture(image: ImageSource, *, max_megapixels: float = MAX_MEGAPIXELS) -> Picture:
    """Load and check a picture.

    image: path of a PNG, JPEG, BMP, GIF, WebP, TIFF or PBM/PGM/PPM file, the bytes of one, or a uint8
        array: [H, W] or [H, W, 1] grey, [H, W, 3] BGR, [H, W, 4] BGRA.
    Transparent parts become white, EXIF orientation is applied (but for files that can be transparent), 16-bit
    files are brought to 8 bits, and of files with several pages or frames the first is taken.
    Raises ``ImageError`` that names the file and what to do about it.
    """
    if isinstance(image, np.ndarray):
        return Picture(_check_array(image))
    if isinstance(image, (bytes, bytearray, memoryview)):
        return _decode(bytes(image), f"picture of {len(image)} bytes", max_megapixels)
    if isinstance(image, (str, os.PathLike)):
        return _decode(_read_file(Path(image)), os.fspath(image), max_megapixels)
    hint = "; cv2.imread gives None for a file that it cannot read" if image is None else ""
    raise ImageError(f"picture is a {type(image).__name__}, expected a path, bytes or a uint8 array{hint}")


def _check_array(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if array.dtype != np.uint8:
        raise ImageError(f"picture array is {array.dtype}, expected uint8 (0 to 255)")
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if channels not in (1, 3, 4):
        raise ImageError(f"picture array has shape {list(array.shape)}, expected [H, W], [H, W, 3] or [H, W, 4]")
    if array.size == 0:
        raise ImageError(f"picture array has shape {list(array.shape)}, there are no pixels in it")
    if channels == 4:
        return _on_white(array)
    return np.ascontiguousarray(array.reshape(array.shape[:2]) if channels == 1 else array)


def _on_white(bgra: NDArray[np.uint8]) -> NDArray[np.uint8]:
    alpha = bgra[:, :, 3:].astype(np.uint16)
    mixed = bgra[:, :, :3] * alpha + 255 * (255 - alpha)
    return ((mixed + 127) // 255).astype(np.uint8)


def _read_file(path: Path) -> bytes:
    try:
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise ImageError(f"{path}: is a folder; give a picture, or use edge-digits batch for folders")
        if not stat.S_ISREG(kind):  # a pipe or a device might never end
            raise ImageError(f"{path}: is not a regular file; give a picture file or its bytes")
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"{path}: cannot be read ({reason}); check the path and its permissions") from error
    if len(data) > MAX_FILE_BYTES:
        raise ImageError(f"{path}: larger than {MAX_FILE_BYTES // 2**20} MB; reduce the picture first")
    return data


def _decode(data: bytes, name: str, max_megapixels: float) -> Picture:
    if not data:
        raise ImageError(f"{name}: is empty; give a picture ({KINDS})")
    header = read_header(data)
    if header is None:
        raise ImageError(f"{name}: is not a picture that can be read, or is damaged; give {KINDS}")
    if header.width * header.height > max_megapixels * 1e6:
        raise ImageError(
            f"{name}: claims {header.width}x{header.height} pixels, more than the {max_megapixels:g} megapixels "
            "allowed; reduce the picture or raise max_megapixels"
        )
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _flags(header))
    except cv2.error:
        pixels = None
    if pixels is None or pixels.size == 0:
        raise ImageError(
            f"{name}: damaged {header.kind} file, or a form of it that OpenCV {cv2.__version__} does not read; "
            "export it anew as PNG"
        )
    if header.alpha:
        pixels = _to_8_bit(pixels)
    scale = max(header.width, header.height) / max(pixels.shape[:2])
    return Picture(_check_array(pixels), max(scale, 1.0))


def _flags(header: Header) -> int:
    if header.alpha:
        return cv2.IMREAD_UNCHANGED
    if header.kind == "JPEG":
        for factor, flag in _REDUCED:
            if max(header.width, header.height) >= factor * LONG_SIDE_NEEDED:
                return flag
    return cv2.IMREAD_COLOR


def _to_8_bit(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """IMREAD_UNCHANGED, which keeps transparency, also keeps 16 bits."""
    return (pixels >> 8 if pixels.dtype == np.uint16 else pixels).astype(np.uint8)
