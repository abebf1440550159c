"""Loading MNIST: the splits, other layouts, and what is said of broken files."""

import gzip
import struct
import warnings

import numpy as np
import pytest

from train.core.errors import DataError
from train.datasets.mnist import DEFAULT_MNIST, Digits, load_digits

NAMES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}


@pytest.fixture(scope="module")
def arrays():
    with np.load(DEFAULT_MNIST) as archive:
        return {name: archive[name] for name in NAMES}


def write_idx(path, array, compress=False):
    data = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()
    path.write_bytes(gzip.compress(data, 1) if compress else data)


def test_splits_share_no_digit_and_cover_the_set(arrays):
    parts = {split: load_digits(split) for split in ("train", "validation", "test")}
    assert [len(parts[split]) for split in parts] == [55_000, 5_000, 10_000]
    both = np.concatenate([parts["train"].images, parts["validation"].images])
    np.testing.assert_array_equal(both, arrays["x_train"])
    np.testing.assert_array_equal(parts["test"].images, arrays["x_test"])


def test_the_repositorys_copy_is_the_published_set():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_digits("test")


@pytest.mark.slow
def test_idx_folder_raw_and_gzipped_give_the_same_digits(tmp_path, arrays):
    for index, (key, name) in enumerate(NAMES.items()):
        compress = index % 2 == 0
        write_idx(tmp_path / (f"{name}.gz" if compress else name), arrays[key], compress)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = load_digits("test", tmp_path)
    expected = load_digits("test")
    np.testing.assert_array_equal(found.images, expected.images)
    np.testing.assert_array_equal(found.labels, expected.labels)


def test_data_of_another_origin_is_taken_with_a_warning(tmp_path, arrays):
    changed = arrays["x_test"].copy()
    changed[0, 0, 0] = 1
    path = tmp_path / "other.npz"
    np.savez(path, **{**arrays, "x_test": changed})
    with pytest.warns(UserWarning, match="x_test is not the published MNIST"):
        assert isinstance(load_digits("test", path), Digits)


def cut_npz(path, arrays):
    path.write_bytes(DEFAULT_MNIST.read_bytes()[:100_000])


def short_npz(path, arrays):
    np.savez(path, **{**arrays, "y_test": arrays["y_test"][:-1]})


def other_npz(path, arrays):
    np.savez(path, images=np.zeros(3))


def array_alone(path, arrays):
    with path.open("wb") as stream:
        np.save(stream, arrays["x_test"][:3])


@pytest.mark.parametrize(
    ("write", "said"),
    [
        (lambda path, arrays: None, r"no such file; give an \.npz"),
        (cut_npz, r"not a readable \.npz"),
        (array_alone, r"not a readable \.npz"),
        (short_npz, r"y_test is uint8 \(9999,\), expected uint8 \(10000,\)"),
        (other_npz, r"'x_train', 'y_train', 'x_test', 'y_test'"),
    ],
)
def test_a_broken_npz_is_one_clear_error(tmp_path, arrays, write, said):
    write(tmp_path / "digits.npz", arrays)
    with pytest.raises(DataError, match=said):
        load_digits("test", tmp_path / "digits.npz")


def packed(content):
    return gzip.compress(content[:1000])[:-20]


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("", lambda content: content[:-5], r"train-images.* bytes, its header"),
        ("", lambda content: b"\x00\x00\x0d\x03" + content[4:], "train-images.*not an IDX file"),
        (".gz", packed, r"train-images.*\.gz: cannot be unpacked"),
        (".other", packed, "neither train-images-idx3-ubyte nor"),
    ],
)
def test_a_broken_idx_file_is_one_clear_error(tmp_path, arrays, name, damage, said):
    whole = tmp_path / "whole"
    write_idx(whole, arrays["x_train"])
    folder = tmp_path / "idx"
    folder.mkdir()
    (folder / (NAMES["x_train"] + name)).write_bytes(damage(whole.read_bytes()))
    with pytest.raises(DataError, match=said):
        load_digits("train", folder)
