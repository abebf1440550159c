"""What the package loads, sets and leaves behind, and what it says without OpenCV; in fresh interpreters."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ["tensorflow", "keras", "onnx", "tf2onnx", "scipy", "matplotlib", "PIL", "pandas", "torch", "sklearn"]
ONLY_GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has the limits that are set")

# ONNX Runtime writes for its usage data; not where it believes itself under test, so that is taken out, too.
PRELUDE = f"""
import os, sys
for name in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "CI", "GITHUB_ACTIONS", "TF_BUILD", "PYTEST_CURRENT_TEST"):
    os.environ.pop(name, None)
calls = []
sys.addaudithook(lambda event, arguments: calls.append(event) if "mallopt" in map(str, arguments) else None)

def loaded(*more):
    return sorted(name for name in {HEAVY} + list(more) if name in sys.modules)
"""


def printed(code: str, *arguments: object) -> list[str]:
    """The lines that a fresh interpreter prints."""
    command = [sys.executable, "-c", PRELUDE + code, *map(str, arguments)]
    environment = os.environ | {"OPENCV_LOG_LEVEL": "OFF"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_importing_the_package_loads_nothing_and_help_no_opencv() -> None:
    code = """
import edge_runtime
print(loaded("numpy", "cv2", "onnxruntime", "click"))
from edge_runtime.cli.main import main
main(["read", "-h"], standalone_mode=False)
print(loaded("cv2", "onnxruntime"))
"""
    first, *_, last = printed(code)
    assert (first, last) == ("[]", "[]")


def test_reading_loads_three_libraries_only_and_leaves_nothing_at_home(
    tiny_path: Path, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    code = """
import edge_runtime
edge_runtime.DigitReader(sys.argv[1]).read(sys.argv[2])
print(loaded("click", "numpy", "cv2", "onnxruntime"))
"""
    assert printed(code, tiny_path, picture) == ["['cv2', 'numpy', 'onnxruntime']"]
    assert list(home.rglob("*")) == []


@ONLY_GLIBC
def test_a_command_reads_without_heavy_libraries_and_sets_the_limits_of_malloc(tiny_path: Path, picture: Path) -> None:
    code = """
from edge_runtime.cli.main import main
main(["read", sys.argv[2], "--model", sys.argv[1]], standalone_mode=False)
print(loaded(), len(calls))
"""
    assert printed(code, tiny_path, picture)[-1] == "[] 1"


@ONLY_GLIBC
def test_all_modules_and_a_reading_leave_the_hosts_malloc_alone_until_it_asks(tiny_path: Path, picture: Path) -> None:
    code = """
import pkgutil, importlib, edge_runtime
for module in pkgutil.walk_packages(edge_runtime.__path__, "edge_runtime."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
reader = edge_runtime.DigitReader(sys.argv[1])
list(reader.stream([edge_runtime.load_picture(sys.argv[2]).pixels]))
list(edge_runtime.read_files([sys.argv[2]], reader))
print(len(calls))
edge_runtime.keep_freed_memory()
print(len(calls))
os.environ["MALLOC_TRIM_THRESHOLD_"] = "1000000"  # a setting of the user's goes before ours
edge_runtime.keep_freed_memory()
print(len(calls))
"""
    assert printed(code, tiny_path, picture) == ["0", "1", "1"]


def test_without_opencv_the_first_use_says_what_to_install() -> None:
    code = """
sys.modules["cv2"] = None
import edge_runtime
for name in ("DigitReader", "DigitModel", "load_picture", "open_frames", "draw_readings", "read_files"):
    try:
        getattr(edge_runtime, name)
    except edge_runtime.DependencyError as error:
        print(error)
"""
    lines = printed(code)
    assert len(lines) == 6
    assert all("pip install opencv-python" in line and "opencv-python-headless" in line for line in lines)
