"""``edge-digits info --check``: is this machine fit?"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from edge_runtime.cli.info import checks
from edge_runtime.cli.info.cameras import find_cameras
from tests.conftest import Run, one_line


def test_a_fit_machine_is_told_so_on_one_screen(run: Run) -> None:
    result = run("info", "--check")
    assert result.exit_code == 0, result.stdout
    lines = result.stdout.splitlines()
    assert len(lines) <= 24 and lines[-1].endswith("this machine is fit")
    assert any(line.startswith("fit ") and f"{checks.NUMBER} in a picture" in line for line in lines)
    document = json.loads(run("info", "--check", "--json").stdout)
    assert document["fit"] and {"architecture", "numpy", "onnxruntime", "model int8", "reading"} <= {
        check["what"] for check in document["checks"]
    }


def test_an_altered_model_and_an_old_library_make_it_unfit(
    run: Run, package_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    altered = package_models / "digits-int8.onnx"
    altered.write_bytes(altered.read_bytes()[:-1] + b"\0\1")
    monkeypatch.setattr(checks, "LEAST_VERSIONS", {"numpy": "999.1"})
    result = run("info", "--check")
    assert result.exit_code == 1
    assert "UNFIT" in result.stdout and "sha256 is" in result.stdout and "not fit" in result.stdout.splitlines()[-1]
    assert "edge-digits needs 999.1 or newer" in result.stdout


@pytest.mark.parametrize(
    ("module", "fault", "told"),
    [
        pytest.param("numpy", "numpy is broken", "numpy is broken", marks=pytest.mark.slow),
        ("cv2", "libGL.so.1: cannot open shared object file", "libGL.so.1.*pip install opencv-python-headless"),
    ],
)
def test_a_library_that_cannot_be_loaded_is_told_without_a_stack_of_calls(
    module: str, fault: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / f"{module}.py").write_text(f"raise ImportError({fault!r})\n")
    paths = os.pathsep.join([str(tmp_path), os.environ["PYTHONPATH"]])

    def ended(*words: str) -> subprocess.CompletedProcess[str]:
        command, environment = [sys.executable, "-m", "edge_runtime", *words], os.environ | {"PYTHONPATH": paths}
        return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)

    check, read = ended("info", "--check"), ended("read", "any.png")
    assert check.returncode == 1 and "edge_runtime" not in check.stderr  # OpenCV prints what it misses by itself
    assert "fit    architecture" in check.stdout and "not fit" in check.stdout.splitlines()[-1]
    assert fault in check.stdout
    assert (read.returncode, read.stdout) == (1, "") and re.search(told, one_line(read.stderr))


def test_cameras_are_listed_by_their_numbers_and_names(tmp_path: Path) -> None:
    known, devices = tmp_path / "class" / "video4linux", tmp_path / "dev"
    assert find_cameras(tmp_path / "no" / "video4linux", devices) is None
    for node, index, name in (("video10", "0", "Side"), ("video2", "0", "Front"), ("video3", "1", "Front")):
        (known / node).mkdir(parents=True)
        (known / node / "index").write_text(index)
        (known / node / "name").write_text(f"{name}\n")
    devices.mkdir()
    (devices / "video2").touch()
    cameras = find_cameras(known, devices)
    assert cameras is not None
    assert [(camera.name, camera.usable) for camera in cameras] == [("Front", True), ("Side", False)]
    assert "group video" in str(cameras[1])


def test_the_least_versions_are_those_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    asked = dict(line.split(">=") for line in project["dependencies"])
    assert {**checks.LEAST_VERSIONS, "opencv-python": checks.LEAST_VERSIONS["cv2"]} == asked | {"cv2": "4.8"}
    assert project["requires-python"] == f">={checks.LEAST_PYTHON}"
