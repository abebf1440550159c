"""Decoded pixels of any form -> uint8 grey or BGR, upright, and in words what was done to them."""

from __future__ import annotations

from typing import Any, Final, Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray

from edge_runtime.core.opencv import cv2
from edge_runtime.images.probe.header import Header

_DARK_INK_BELOW: Final = 128  # grey level; what shows nothing darker than this is drawn in a light colour
_DARK_SHARE: Final = 0.05  # of the visible parts may be darker than that all the same, as noise is
_MOST_16_BIT: Final = 2**16 - 1
_ORIENTATION_TAG: Final = 0x0112  # Exif's number of it

# Exif orientation -> the turn that makes the picture upright, and the flip (OpenCV's code) after it.
_TURN: Final = {3: cv2.ROTATE_180, 5: cv2.ROTATE_90_CLOCKWISE, 6: cv2.ROTATE_90_CLOCKWISE}
_TURN.update({7: cv2.ROTATE_90_COUNTERCLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE})
_FLIP: Final = {2: 1, 4: 0, 5: 1, 7: 1}


class PillowImage(Protocol):
    """What is used of a ``PIL.Image.Image``. Pillow itself is never imported."""

    @property
    def mode(self) -> str:
        """As ``"RGB"``."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        ...

    info: dict[Any, Any]

    def convert(self, mode: str) -> PillowImage:
        """A copy of the image in another mode."""
        ...

    def getexif(self) -> Any:
        """Tags by their numbers."""
        ...


def is_pillow(image: object) -> TypeGuard[PillowImage]:
    """Whether this is an image of Pillow's, or behaves like one."""
    return all(hasattr(image, name) for name in ("mode", "size", "info", "convert", "getexif"))


def pillow_pixels(image: PillowImage) -> NDArray[Any]:
    """As OpenCV would decode it from a file: [H, W] grey of any type, uint8 [H, W, 3] BGR or uint8 [H, W, 4] BGRA.

    The image is decoded where that was not done yet, and not changed. What Pillow's decoders raise is passed on.
    """
    mode = image.mode
    if mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        straight = image.convert("LA") if mode == "La" else image
        return cv2.cvtColor(np.asarray(straight.convert("RGBA")), cv2.COLOR_RGBA2BGRA)
    if mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)
    if mode in ("I", "F"):
        values = np.asarray(image)
        fits = mode == "I" and values.size > 0 and values.min() >= 0 and values.max() <= _MOST_16_BIT
        return values.astype(np.uint16) if fits else values  # some versions give a PNG of 16 bits as 32
    return cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR)


def pillow_orientation(image: PillowImage) -> int:
    """Exif's orientation, 1 to 8; 1 where there is none."""
    value = image.getexif().get(_ORIENTATION_TAG, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def notes_of(header: Header) -> list[str]:
    """What a reader of the results should know of the file's form."""
    notes = []
    if header.frames > 1:
        unit = "pages" if header.kind == "TIFF" else "frames"
        count = "several" if header.kind == "AVIF" else str(header.frames)
        notes.append(f"first of {count} {unit}")
    if header.cmyk:
        notes.append("CMYK brought to RGB")
    return [*notes, turned_note(header.orientation)]


def turned_note(orientation: int) -> str:
    """Empty for what was upright."""
    return f"turned by its Exif orientation ({orientation})" if orientation > 1 else ""


def to_8_bit(pixels: NDArray[Any]) -> tuple[NDArray[np.uint8], str]:
    """Fewer bits for what has more than 8, and a note when that was done.

    Of 16 bits those are kept that the picture uses: a 12-bit camera's file is not left black. Floats and 32-bit
    numbers are stretched from their smallest to their largest value. Transparency is always 0 to its type's largest.
    """
    if pixels.dtype == np.uint8:
        return pixels, ""
    colours = pixels[:, :, :3] if pixels.ndim == 3 else pixels
    if pixels.dtype == np.uint16:
        used = max(int(colours.max()).bit_length(), 8)
        reduced = (colours >> (used - 8)).astype(np.uint8)
        note = f"16 bits a sample, of which {used} are used, brought to 8"
        if pixels.ndim == 3 and pixels.shape[2] == 4:
            reduced = np.dstack([reduced, (pixels[:, :, 3] >> 8).astype(np.uint8)])
        return reduced, note
    values = np.nan_to_num(colours.astype(np.float64), posinf=0, neginf=0)
    low, high = float(values.min()), float(values.max())
    stretched = (values - low) * (255 / max(high - low, 1e-12))
    return stretched.astype(np.uint8), f"{pixels.dtype.name} from {low:g} to {high:g} brought to 8 bits"


def in_colour(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey as BGR and grey with transparency as BGRA, so that files give three or four channels."""
    if pixels.ndim == 2:
        return np.dstack([pixels] * 3)
    if pixels.shape[2] == 2:
        return pixels[:, :, [0, 0, 0, 1]]
    return pixels


def without_alpha(bgra: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], str]:
    """Transparent parts become white; black where all that is visible is light, which would vanish on white."""
    colours, alpha = np.ascontiguousarray(bgra[:, :, :3]), bgra[:, :, 3]
    if alpha.min() == 255:
        return colours, ""
    visible = cv2.cvtColor(colours, cv2.COLOR_BGR2GRAY)[alpha > 127]
    is_light = visible.size > 0 and np.count_nonzero(visible < _DARK_INK_BELOW) <= _DARK_SHARE * visible.size
    ground = 0 if is_light else 255
    weight = alpha[:, :, None].astype(np.uint16)
    mixed = colours * weight + ground * (255 - weight)
    return ((mixed + 127) // 255).astype(np.uint8), f"transparent parts made {'black' if is_light else 'white'}"


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn and flip as Exif's orientation (1 to 8) asks."""
    if orientation in _TURN:
        pixels = cv2.rotate(pixels, _TURN[orientation])
    if orientation in _FLIP:
        pixels = cv2.flip(pixels, _FLIP[orientation])
    return pixels
