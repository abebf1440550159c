"""What the system tells of its processor."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from edge_runtime.core.machine import multiplies_bytes, processor


@pytest.mark.skipif(platform.system() == "Darwin", reason="has no /proc/cpuinfo, and is asked another way")
@pytest.mark.parametrize(
    ("cpuinfo", "name", "features", "multiplies"),
    [
        ("model name\t: Some CPU\nflags\t\t: fpu avx2", "Some CPU", ["AVX2"], False),
        ("flags\t\t: fpu avx2 avx_vnni", None, ["AVX2", "AVX-VNNI (int8 dot product)"], True),
        ("flags\t\t: avx512_vnni", None, ["AVX-512 VNNI (int8 dot product)"], True),
        ("Features\t: fp asimd\nModel\t\t: Some Board", "Some Board", ["NEON"], False),
        ("Features\t: fp asimd asimddp", None, ["NEON", "NEON dot product (int8)"], True),
        ("no such line", None, [], False),
    ],
)
def test_features_and_dot_products_of_bytes_are_read_from_the_processors_flags(
    tmp_path: Path, cpuinfo: str, name: str | None, features: list[str], multiplies: bool
) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(cpuinfo + "\n", "utf-8")
    facts = processor(path)
    assert facts["features"] == features and name in (None, facts["name"])
    assert multiplies_bytes(path) is multiplies
    assert processor(tmp_path / "none")["features"] == [] and not multiplies_bytes(tmp_path / "none")
