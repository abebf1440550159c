"""Single handwritten digits: MNIST, from the repository's own file or from a copy of the user's.

The split is made once, here: 55,000 digits train, the last 5,000 of the training set validate, and the
10,000 test digits are for the final figures alone.
"""

from __future__ import annotations

import gzip
import hashlib
import struct
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from train.core.errors import DataError

Split = Literal["train", "validation", "test"]

DEFAULT_MNIST: Final = Path(__file__).parents[1] / "data" / "mnist.npz"
TRAIN_DIGITS: Final = 55_000
SIZE: Final = 28


class _Array(NamedTuple):
    """One of the four: its size, its IDX file and the MD5 of that file uncompressed, which tells it from others."""

    shape: tuple[int, ...]
    idx_name: str
    idx_md5: str


_ARRAYS: Final = {
    "x_train": _Array((60_000, SIZE, SIZE), "train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"),
    "y_train": _Array((60_000,), "train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"),
    "x_test": _Array((10_000, SIZE, SIZE), "t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"),
    "y_test": _Array((10_000,), "t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"),
}


@dataclass(frozen=True)
class Digits:
    """images: uint8 [N, 28, 28], ink bright on dark; labels: uint8 [N], 0 to 9."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.labels)


def load_digits(split: Split, path: str | Path | None = None) -> Digits:
    """One split of MNIST.

    path: an ``.npz`` of the layout of ``keras.datasets.mnist``, or a folder of the four IDX files, raw or
    gzipped; the repository's own copy where it is None. Data of another origin is taken with a warning.
    Raises ``DataError`` where a file is missing, truncated or mis-shaped.
    """
    source = Path(path) if path is not None else DEFAULT_MNIST
    if source.is_dir():
        arrays = {name: _read_idx(source, array.idx_name) for name, array in _ARRAYS.items()}
    else:
        arrays = _read_npz(source)
    for name in _ARRAYS:
        _check_shape(source, name, arrays[name])
    _warn_of_other_origin(source, arrays)
    if split == "test":
        return Digits(arrays["x_test"], arrays["y_test"])
    part = slice(0, TRAIN_DIGITS) if split == "train" else slice(TRAIN_DIGITS, None)
    return Digits(arrays["x_train"][part], arrays["y_train"][part])


def _read_npz(source: Path) -> dict[str, NDArray[np.uint8]]:
    try:
        with source.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            missing = [name for name in _ARRAYS if name not in archive.files]
            if missing:
                raise DataError(f"{source}: arrays {missing} are missing; expected the layout of keras.datasets.mnist")
            return {name: archive[name] for name in _ARRAYS}
    except FileNotFoundError:
        raise DataError(f"{source}: no such file; give an .npz or a folder of IDX files with --mnist") from None
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{source}: not a readable .npz ({error}); fetch it again") from None


def _read_idx(folder: Path, name: str) -> NDArray[np.uint8]:
    """The IDX format: two zero bytes, a type byte (8 = unsigned), the rank, big-endian sizes, the data."""
    raw, packed = folder / name, folder / f"{name}.gz"
    source = raw if raw.exists() else packed
    try:
        data = raw.read_bytes() if raw.exists() else gzip.decompress(packed.read_bytes())
    except FileNotFoundError:
        raise DataError(f"{folder}: neither {name} nor {name}.gz is there") from None
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{source}: cannot be unpacked ({error}); fetch it again") from None
    if len(data) < 4 or data[:3] != b"\x00\x00\x08" or len(data) < 4 + 4 * data[3]:
        raise DataError(f"{source}: not an IDX file of unsigned bytes")
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    expected = 4 + 4 * rank + int(np.prod(shape))
    if len(data) != expected:
        raise DataError(f"{source}: {len(data)} bytes, its header {shape} needs {expected}; fetch it again")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def _check_shape(source: Path, name: str, array: NDArray[np.uint8]) -> None:
    expected = _ARRAYS[name].shape
    if array.dtype != np.uint8 or array.shape != expected:
        raise DataError(f"{source}: {name} is {array.dtype} {array.shape}, expected uint8 {expected}")
    if array.ndim == 1 and array.max() > 9:
        raise DataError(f"{source}: {name} holds the label {array.max()}, expected 0 to 9")


def _warn_of_other_origin(source: Path, arrays: dict[str, NDArray[np.uint8]]) -> None:
    for name, array in _ARRAYS.items():
        digest = _idx_md5(arrays[name])
        if digest != array.idx_md5:
            warnings.warn(
                f"{source}: {name} is not the published MNIST (MD5 as IDX {digest}, published {array.idx_md5})",
                stacklevel=3,
            )


def _idx_md5(array: NDArray[np.uint8]) -> str:
    """MD5 of the array written as an uncompressed IDX file."""
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    digest = hashlib.md5(header, usedforsecurity=False)
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
