"""Freed memory is not given back to the system between two pictures."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS_OF_A_SEARCH = """
import resource
import numpy as np
from edge_runtime.locate import locate

frame = np.random.default_rng(0).integers(190, 210, (480, 640, 3), np.uint8)

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

for _ in range(5):
    locate(frame)
before = faults()
for _ in range(20):
    locate(frame)
print((faults() - before) / 20)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has the limit that is raised")
def test_a_search_takes_hardly_a_fresh_page() -> None:
    run = subprocess.run([sys.executable, "-c", FAULTS_OF_A_SEARCH], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 100  # about 900 where every picture's memory is fetched anew


LEFT_AFTER_A_HUGE_ARRAY = """
import edge_runtime.locate
import numpy as np

def resident_mb():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

before = resident_mb()
huge = np.ones(24 * 2**20, np.uint8)  # it would raise glibc's own limits to 48 MB
held = [np.ones(2**20, np.uint8) for _ in range(44)]
del huge, held
print(resident_mb() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has the limit that is raised")
def test_one_huge_picture_does_not_raise_for_ever_what_is_kept() -> None:
    command = [sys.executable, "-c", LEFT_AFTER_A_HUGE_ARRAY]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(run.stdout) < 36  # 45 where the largest array counts
