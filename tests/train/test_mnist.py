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


def write_idx(path, array, packed=False):
    data = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()
    path.write_bytes(gzip.compress(data, 1) if packed else data)


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
        packed = index % 2 == 0
        write_idx(tmp_path / (f"{name}.gz" if packed else name), arrays[key], packed)
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


def test_missing_file_is_one_clear_error(tmp_path):
    with pytest.raises(DataError, match=r"no such file; give an \.npz"):
        load_digits("train", tmp_path / "nothing.npz")


def test_truncated_npz_is_one_clear_error(tmp_path):
    path = tmp_path / "cut.npz"
    path.write_bytes(DEFAULT_MNIST.read_bytes()[:100_000])
    with pytest.raises(DataError, match=r"not a readable \.npz"):
        load_digits("train", path)


def test_misshaped_array_names_both_shapes(tmp_path, arrays):
    path = tmp_path / "short.npz"
    np.savez(path, **{**arrays, "y_test": arrays["y_test"][:-1]})
    with pytest.raises(DataError, match=r"y_test is uint8 \(9999,\), expected uint8 \(10000,\)"):
        load_digits("test", path)


def test_npz_without_the_arrays_names_them(tmp_path):
    path = tmp_path / "empty.npz"
    np.savez(path, images=np.zeros(3))
    with pytest.raises(DataError, match=r"'x_train', 'y_train', 'x_test', 'y_test'"):
        load_digits("test", path)


@pytest.mark.parametrize("damage", ["cut", "header", "gzip"])
def test_broken_idx_file_is_one_clear_error(tmp_path, arrays, damage):
    for key, name in NAMES.items():
        write_idx(tmp_path / name, arrays[key])
    path = tmp_path / NAMES["x_train"]
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-5])
    elif damage == "header":
        path.write_bytes(b"\x00\x00\x0d\x03" + path.read_bytes()[4:])
    else:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()[:1000])[:-20])
        path.unlink()
    with pytest.raises(DataError, match="train-images"):
        load_digits("train", tmp_path)


def test_idx_folder_without_a_file_names_it(tmp_path):
    with pytest.raises(DataError, match="neither train-images-idx3-ubyte nor"):
        load_digits("train", tmp_path)


def test_an_array_that_is_no_archive_is_one_clear_error(tmp_path):
    path = tmp_path / "array.npy"
    np.save(path, np.zeros((3, 28, 28), np.uint8))
    with pytest.raises(DataError, match=r"not a readable \.npz"):
        load_digits("train", path)
