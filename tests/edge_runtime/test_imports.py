"""What the package loads, and what it says where a library is missing; in fresh interpreters."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ["tensorflow", "keras", "onnx", "tf2onnx", "scipy", "matplotlib", "PIL", "pandas", "torch", "sklearn"]


def run(code: str, *, prelude: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", f"import sys\n{prelude}\n{code}"],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"OPENCV_LOG_LEVEL": "OFF"},
    )


def test_reading_a_picture_loads_three_libraries_only(tiny_path: Path, tmp_path: Path, page_png: bytes) -> None:
    picture = tmp_path / "page.png"
    picture.write_bytes(page_png)
    code = f"""
import edge_runtime
assert edge_runtime.DigitReader({str(tiny_path)!r}).read({str(picture)!r}) is not None
heavy = {[*HEAVY, "click"]!r}
print(sorted(name for name in heavy if name in sys.modules))
print(sorted(name for name in ("numpy", "cv2", "onnxruntime") if name in sys.modules))
"""
    done = run(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[]", "['cv2', 'numpy', 'onnxruntime']"]


def test_reading_leaves_nothing_in_the_home_folder(tiny_path: Path, tmp_path: Path, page_png: bytes) -> None:
    picture = tmp_path / "page.png"
    picture.write_bytes(page_png)
    home = tmp_path / "home"
    home.mkdir()
    # ONNX Runtime writes for its usage data; not where it believes itself under test, so that is taken out, too.
    prelude = f"""
import os
for name in ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "CI", "GITHUB_ACTIONS", "TF_BUILD", "PYTEST_CURRENT_TEST"):
    os.environ.pop(name, None)
os.environ["HOME"] = {str(home)!r}
"""
    done = run(
        f"import edge_runtime; edge_runtime.DigitReader({str(tiny_path)!r}).read({str(picture)!r})", prelude=prelude
    )
    assert done.returncode == 0, done.stderr
    assert list(home.rglob("*")) == []


def test_importing_the_package_loads_nothing_yet() -> None:
    done = run("import edge_runtime; print([m for m in ('numpy', 'cv2', 'onnxruntime', 'click') if m in sys.modules])")
    assert done.stdout.strip() == "[]", done.stderr


def test_the_command_line_reads_without_heavy_libraries(tiny_path: Path, tmp_path: Path, page_png: bytes) -> None:
    picture = tmp_path / "page.png"
    picture.write_bytes(page_png)
    code = f"""
from edge_runtime.cli.main import main
main(["read", {str(picture)!r}, "--model", {str(tiny_path)!r}], standalone_mode=False)
print(sorted(name for name in {HEAVY!r} if name in sys.modules))
"""
    done = run(code)
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr


@pytest.mark.parametrize(
    "name", ["DigitReader", "DigitModel", "load_picture", "open_frames", "draw_readings", "read_files"]
)
def test_without_opencv_the_first_use_says_what_to_install(name: str) -> None:
    code = f"""
import edge_runtime
try:
    edge_runtime.{name}
except edge_runtime.DependencyError as error:
    print(error)
"""
    done = run(code, prelude="sys.modules['cv2'] = None")
    assert "pip install opencv-python" in done.stdout and "opencv-python-headless" in done.stdout, done.stderr


def test_an_opencv_that_lacks_system_libraries_points_to_the_headless_one() -> None:
    prelude = """
class Broken:
    def find_spec(self, name, path=None, target=None):
        if name == "cv2":
            raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")
sys.meta_path.insert(0, Broken())
"""
    done = run("from edge_runtime.cli.main import main; main(['read', 'x.png'])", prelude=prelude)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "libGL.so.1" in line and "pip install opencv-python-headless" in line


def test_without_onnxruntime_the_command_line_says_what_to_install(tiny_path: Path) -> None:
    code = f"from edge_runtime.cli.main import main; main(['read', 'x.png', '--model', {str(tiny_path)!r}])"
    done = run(code, prelude="sys.modules['onnxruntime'] = None")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "pip install onnxruntime" in line
