"""Freed memory is kept for the next picture where a command asks for it; a host process is left alone."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ONLY_GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these limits")

TELL_MALLOPT = """
import sys
calls = []
sys.addaudithook(lambda event, arguments: calls.append(event) if "mallopt" in map(str, arguments) else None)
"""


def output_of(script: str, *arguments: str) -> str:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@ONLY_GLIBC
def test_importing_every_module_and_reading_leaves_the_hosts_malloc_alone(tiny_path: Path, picture: Path) -> None:
    script = f"""{TELL_MALLOPT}
import pkgutil, importlib, edge_runtime
for module in pkgutil.walk_packages(edge_runtime.__path__, "edge_runtime."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
reader = edge_runtime.DigitReader(sys.argv[1])
reader.read(sys.argv[2])
list(reader.stream([edge_runtime.load_picture(sys.argv[2]).pixels]))
list(edge_runtime.read_files([sys.argv[2]], reader))
print(calls)
edge_runtime.keep_freed_memory()
print(len(calls))
"""
    assert output_of(script, str(tiny_path), str(picture)).splitlines() == ["[]", "1"]


@ONLY_GLIBC
def test_a_command_sets_the_limits_for_itself(tiny_path: Path, picture: Path) -> None:
    script = f"""{TELL_MALLOPT}
from edge_runtime.cli.main import main
main(["read", sys.argv[2], "--model", sys.argv[1]], standalone_mode=False)
print(len(calls))
"""
    assert output_of(script, str(tiny_path), str(picture)).splitlines()[-1] == "1"


@ONLY_GLIBC
def test_a_variable_of_the_environment_goes_before_our_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1000000")
    script = f"{TELL_MALLOPT}\nfrom edge_runtime import keep_freed_memory\nkeep_freed_memory()\nprint(len(calls))"
    assert output_of(script) == "0\n"


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


@ONLY_GLIBC
def test_a_search_takes_hardly_a_fresh_page() -> None:
    assert float(output_of(FAULTS_OF_A_SEARCH)) < 100  # about 900 where every picture's memory is fetched anew


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


@ONLY_GLIBC
def test_one_huge_picture_does_not_raise_what_is_kept_from_then_on() -> None:
    assert float(output_of(LEFT_AFTER_A_HUGE_ARRAY)) < 36  # 45 where the largest array counts
