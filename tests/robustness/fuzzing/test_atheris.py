"""The decode path under a coverage-guided fuzzer for a bounded time, where atheris is installed.

atheris sees the branches of our Python code, of the probe above all; OpenCV's decoders are run, but not watched.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.robustness import LONG
from tests.robustness.faults.pictures import originals

SECONDS = 90 if LONG else 5
MOST_BYTES = 16_384  # of an input
MOST_MEMORY_MB = 1_024
SLOWEST_S = 20  # for one input
PAGE_HW = (24, 40)  # small files, so that a change of a byte matters


@pytest.mark.slow
def test_no_input_breaks_the_way_from_bytes_to_pixels(tmp_path: Path) -> None:
    """Begun with a small sound file of every form."""
    pytest.importorskip("atheris", reason="pip install 'edge-digits[fuzz]'")
    corpus, found = tmp_path / "corpus", tmp_path / "found"
    corpus.mkdir()
    found.mkdir()
    for name, content in originals(PAGE_HW).items():
        (corpus / name).write_bytes(content)
    command = [
        *(sys.executable, "-m", "tests.robustness.fuzzing.target", str(corpus), "-seed=1", "-print_final_stats=1"),
        *(f"-max_total_time={SECONDS}", f"-max_len={MOST_BYTES}", f"-timeout={SLOWEST_S}"),
        *(f"-rss_limit_mb={MOST_MEMORY_MB}", f"-artifact_prefix={found}/"),
    ]
    environment = {**os.environ, "OPENCV_LOG_LEVEL": "OFF"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=SECONDS + 120)
    assert not {path.name: path.read_bytes()[:200].hex() for path in found.iterdir()}
    assert done.returncode == 0, done.stderr[-500:]
    print(done.stderr[-800:])
