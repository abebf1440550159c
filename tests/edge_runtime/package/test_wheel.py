"""The wheel: what is in it, and that it reads a picture in an environment that has nothing else."""

from __future__ import annotations

import csv
import os
import re
import runpy
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

import edge_runtime

ROOT = Path(__file__).parents[3]
MAX_BYTES = 2_000_000
SAMPLE = "note.jpg"

requirements = runpy.run_path(str(ROOT / ".ci" / "requirements.py"))["requirements"]


def test_the_changelog_has_the_version() -> None:
    assert f"## [{edge_runtime.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_requirements_are_those_of_the_project_with_opencv_without_windows() -> None:
    lines = requirements([])
    assert [re.split("[<>=]", line)[0] for line in lines] == ["click", "numpy", "onnxruntime", "opencv-python-headless"]
    assert any(line.startswith("tensorflow") for line in requirements(["train"]))
    with pytest.raises(KeyError):
        requirements(["no such extra"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing left over from an earlier build gets in, and nothing is left behind."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("edge_runtime", "train", "study", "export", "benchmarks"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.npz"))
    target = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(target), str(source))
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts' folder of an environment with the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    run(str(scripts / "python"), "-m", "pip", "install", "--quiet", *requirements([]))
    run(str(scripts / "python"), "-m", "pip", "install", "--quiet", "--no-deps", str(wheel))
    return scripts


def run(*command: str, cwd: Path | None = None) -> str:
    """Run without this process's paths and settings; fail with the command's own words."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "EDGE_DIGITS"))}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
def test_the_wheel_holds_the_runtime_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = {name for name in names if ".dist-info/" not in name}
    expected = {path.relative_to(ROOT).as_posix() for path in (ROOT / "edge_runtime").rglob("*.py")}
    expected |= {"edge_runtime/py.typed", "edge_runtime/batch/report.html"}
    models = ("digits-fp32.onnx", "digits-int8.onnx", "second-look-int8.onnx", "SHA256SUMS")
    expected |= {f"edge_runtime/models/{name}" for name in (*models, "MODEL_CARD.md", "MODEL_CARD-second-look.md")}
    assert package == expected
    assert any(name.endswith("/LICENSE") for name in names - package)
    assert wheel.stat().st_size < MAX_BYTES


@pytest.mark.slow
def test_the_wheel_reads_a_picture_in_a_bare_environment(bare: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "samples" / SAMPLE, tmp_path)
    with (ROOT / "samples" / "labels.csv").open(newline="") as labels:
        (truth,) = [row["label"] for row in csv.DictReader(labels) if row["file"] == SAMPLE]
    assert run(str(bare / "edge-digits"), "read", SAMPLE, cwd=tmp_path).split() == [f"{SAMPLE}:", truth]
    assert run(str(bare / "python"), "-m", "edge_runtime", "read", SAMPLE, cwd=tmp_path).split()[-1] == truth
    told = run(str(bare / "edge-digits"), "info", "--json", cwd=tmp_path)
    sums = (ROOT / "edge_runtime" / "models" / "SHA256SUMS").read_text()
    for known in (edge_runtime.__version__, *re.findall(r"^[0-9a-f]{64}", sums, re.MULTILINE)):
        assert known in told
    names = ("train", "study", "export", "benchmarks", "tests", "tensorflow", "keras", "onnx", "scipy", "matplotlib")
    code = f"import importlib.util as u; print([n for n in {names} if u.find_spec(n)])"
    assert run(str(bare / "python"), "-c", code, cwd=tmp_path).strip() == "[]", "nothing of training is installed"
