"""Freed memory is kept for the next picture, up to a limit. Who asks for it, see ``package/test_imports.py``."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS_OF_A_SEARCH = """
import resource
import numpy as np
from edge_runtime import keep_freed_memory
from edge_runtime.detection.locate import locate

keep_freed_memory()
frame = np.random.default_rng(0).integers(190, 210, (480, 640, 3), np.uint8)

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

for _ in range(5):
    locate(frame)
before = faults()
for _ in range(10):
    locate(frame)
print((faults() - before) / 10)
"""

LEFT_AFTER_A_HUGE_ARRAY = """
from edge_runtime import keep_freed_memory
import numpy as np

def resident_mb():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

keep_freed_memory()
before = resident_mb()
huge = np.ones(24 * 2**20, np.uint8)  # it would raise glibc's own limits to 48 MB
held = [np.ones(2**20, np.uint8) for _ in range(44)]
del huge, held
print(resident_mb() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these limits")
@pytest.mark.parametrize(
    ("script", "limit"),
    [
        (FAULTS_OF_A_SEARCH, 100),  # about 900 where every picture's memory is fetched anew
        (LEFT_AFTER_A_HUGE_ARRAY, 36),  # 45 where the largest array counts
    ],
    ids=["a search takes hardly a fresh page", "one huge picture does not raise what is kept from then on"],
)
def test_memory_is_kept_within_limits(script: str, limit: float) -> None:
    command = [sys.executable, "-c", script]
    assert float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) < limit
