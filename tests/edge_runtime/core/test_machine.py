"""What the system tells of its processor."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from edge_runtime.core.machine import multiplies_bytes, processor


def test_the_processors_features_are_read_from_both_families(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("model name\t: Some CPU\nflags\t\t: fpu avx2 avx_vnni\n", "utf-8")
    assert processor(cpuinfo)["features"] == ["AVX2", "AVX-VNNI (int8 dot product)"]
    assert processor(cpuinfo)["name"] == "Some CPU"
    cpuinfo.write_text("Features\t: fp asimd asimddp\nModel\t\t: Some Board\n", "utf-8")
    assert processor(cpuinfo)["name"] == "Some Board"
    assert processor(cpuinfo)["features"] == ["NEON", "NEON dot product (int8)"]
    assert processor(tmp_path / "none")["features"] == []


@pytest.mark.skipif(platform.system() == "Darwin", reason="has no /proc/cpuinfo, and is asked another way")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("flags\t\t: fpu avx2", False),
        ("flags\t\t: fpu avx2 avx512_vnni", True),
        ("flags\t\t: fpu avx2 avx_vnni", True),
        ("Features\t: fp asimd", False),
        ("Features\t: fp asimd asimddp", True),
        ("no such line", False),
    ],
)
def test_dot_products_of_bytes_are_read_from_the_processors_flags(tmp_path: Path, line: str, expected: bool) -> None:
    (tmp_path / "cpuinfo").write_text(line + "\n", "utf-8")
    assert multiplies_bytes(tmp_path / "cpuinfo") is expected
    assert not multiplies_bytes(tmp_path / "none")
