"""``python -m benchmarks footprint``: fresh processes, sizes of installations, and the whole without rivals."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.metadata import PathDistribution
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.footprint import (
    command as footprint,
)
from benchmarks.footprint import (
    fresh as footprint_fresh,
)
from benchmarks.footprint import (
    installed as footprint_installed,
)
from benchmarks.footprint import (
    rivals as footprint_rivals,
)
from benchmarks.footprint.fresh import STRIP, Program, Start, edge_digits_strip, fresh_figures, start, start_in_turns
from benchmarks.footprint.installed import installed_bytes, package_bytes, runtime_bytes
from benchmarks.footprint.report import markdown, warnings
from edge_runtime import DependencyError, EdgeDigitsError
from tests.edge_runtime.recognition.tiny_model import strip_of

SAYS_7 = Program("seven", STRIP, Path("any"), "7", imports="", answer="text = '7'")


def test_a_fresh_process_is_timed_up_to_its_answer() -> None:
    waits = "time.sleep(0.2)"
    quick = start(SAYS_7)
    before = start(replace(SAYS_7, answer=f"{waits}\n{SAYS_7.answer}"))
    importing = start(replace(SAYS_7, imports=waits))
    after = start(replace(SAYS_7, answer=f"{SAYS_7.answer}\nimport atexit; atexit.register(time.sleep, 2)"))
    assert quick.text == "7"
    assert before.seconds > 0.2 > before.import_seconds
    assert importing.seconds > importing.import_seconds > 0.2
    assert after.seconds < 2
    assert quick.import_seconds < 0.1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells it in /proc")
def test_memory_is_what_the_process_holds_and_held_at_most() -> None:
    begun = start(
        replace(SAYS_7, answer="passing = bytearray(80_000_000)\ndel passing\nheld = bytearray(40_000_000)\ntext = ''")
    )
    assert begun.resident_bytes is not None and begun.peak_resident_bytes is not None
    assert 40e6 < begun.resident_bytes < 80e6 < begun.peak_resident_bytes


def test_a_talkative_program_is_understood() -> None:
    before = "print('loading'); print('y' * 300_000, file=sys.stderr)"
    after = "import atexit; atexit.register(print, 'bye')"
    assert start(replace(SAYS_7, imports=before, answer=f"text = '12'\n{after}")).text == "12"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("raise ValueError('no such digit')", "ValueError: no such digit"),
        ("sys.exit(0)", "ended with code 0 and said nothing"),
        ("text = '1'; import atexit, os; atexit.register(os._exit, 3)", "ended with code 3"),
    ],
)
def test_a_program_that_fails_is_named_with_the_reason(answer: str, reason: str) -> None:
    with pytest.raises(EdgeDigitsError, match=f"seven: a fresh process cannot read any: .*{reason}"):
        start(replace(SAYS_7, answer=answer))


def test_a_program_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprint_fresh, "_TIMEOUT_S", 0.2)
    with pytest.raises(EdgeDigitsError, match=r"ended with code (-9|1) and said nothing"):
        start(replace(SAYS_7, answer="time.sleep(60)"))


def test_programs_take_turns_and_the_first_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []

    def pretend(program: Program) -> Start:
        started.append(program.name)
        return Start(program.name, float(len(started)), 0.1, None, None)

    monkeypatch.setattr(footprint_fresh, "start", pretend)
    one, other = replace(SAYS_7, name="one"), replace(SAYS_7, name="other")
    starts = start_in_turns([one, other], 6)
    assert [len(begun) for begun in starts] == [6, 6]
    assert min(begun.seconds for part in starts for begun in part) == 3, "each has one turn that does not count"
    pairs = [set(started[index : index + 2]) for index in range(0, len(started), 2)]
    assert pairs == [{"one", "other"}] * 7


def test_figures_are_medians_with_extremes() -> None:
    starts = [Start("7", seconds, 0.1, memory, None) for seconds, memory in ((0.4, 30), (0.2, None), (0.3, 10))]
    figures = fresh_figures(SAYS_7, starts)
    assert figures["first_answer_seconds"] == {"median": 0.3, "least": 0.2, "most": 0.4}
    assert figures["resident_bytes"] == 20
    assert figures["peak_resident_bytes"] is None
    assert figures["processes"] == 3


def test_our_network_reads_a_strip(tiny_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_DIGITS_MODEL", str(tiny_path))
    np.save(tmp_path / "strip.npy", strip_of("9031"))
    assert start(edge_digits_strip(tmp_path / "strip.npy", "9031")).text == "9031"


def install(site: Path, name: str, requires: tuple[str, ...] = (), files: dict[str, int] | None = None) -> None:
    """A package in a folder, as pip leaves it."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    lines = [f"Requires-Dist: {requirement}" for requirement in requires]
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *lines, ""]))
    for file, size in (files or {}).items():
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_bytes(b"x" * size)
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in (files or {})))


def test_sizes_are_of_a_package_and_all_that_it_requires(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    install(
        tmp_path,
        "first_of-them",
        ("second.of_them>=2,<3", 'third-of-them; extra == "all"', "not-there-at-all", "second.of_them"),
        {"first/code.py": 100, "first/data.onnx": 30, "first/__pycache__/code.pyc": 999, "first/big.txt": 1},
    )
    install(tmp_path, "second_of_them", ("first-of-them[all]>=1",), {"second.py": 500})
    install(tmp_path, "third_of_them", (), {"third.py": 7})
    assert installed_bytes(["First.of.them (>=1)"]) == {"second-of-them": 500, "first-of-them": 131}
    (first,) = tmp_path.glob("first*.dist-info")
    assert package_bytes(PathDistribution(first), ".onnx") == 30
    (first / "RECORD").unlink()
    with pytest.raises(DependencyError, match=r"first_of-them: .* pip"):
        installed_bytes(["first-of-them"])


def test_another_build_of_opencv_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(footprint_installed, "_OPENCV", ("opencv-of-one-kind", "opencv-of-another"))
    monkeypatch.syspath_prepend(str(tmp_path))
    install(tmp_path, "opencv_of_another", (), {"cv.py": 5})
    assert installed_bytes(["opencv-of-one-kind>=4"]) == {"opencv-of-another": 5}
    assert installed_bytes(["opencv-of-a-third-kind"]) == {}


def test_the_runtime_is_itself_and_three_libraries_with_what_they_require() -> None:
    sizes = runtime_bytes()
    assert {"edge-digits", "numpy", "onnxruntime", "click"} < set(sizes)
    assert any(name.startswith("opencv") for name in sizes)
    assert not {"tensorflow", "keras", "scipy", "onnx", "matplotlib"} & set(sizes)
    assert 500_000 < sizes["edge-digits"] < 5_000_000 < sizes["onnxruntime"]
    assert list(sizes.values()) == sorted(sizes.values(), reverse=True)


def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy")
    monkeypatch.setattr(footprint_rivals, "is_installed", lambda name: name == footprint_rivals.LITERT)
    rivals = footprint_rivals.prepare(tmp_path, tmp_path, tmp_path / "a.jpg", "1", lambda text: None)
    assert [program.name for program in rivals.programs] == ["edge-digits"]
    assert [reason.partition(":")[0] for reason in rivals.left_out] == ["TensorFlow", "RapidOCR", "LiteRT"]
    assert rivals.models == {}


@pytest.fixture
def without_rivals(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("scipy")
    monkeypatch.setenv("EDGE_DIGITS_MODEL", str(tiny_path))
    monkeypatch.setattr(footprint_rivals, "is_installed", lambda name: False)


def test_the_whole_without_rivals(tmp_path: Path, without_rivals: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise DependencyError("no index")

    monkeypatch.setattr(footprint, "wheel_bytes", refuse)
    out = tmp_path / "new" / "footprint.json"
    arguments = ["footprint", "--processes", "2", "--out", str(out), "--notebook", str(tmp_path)]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    document = json.loads(out.read_text("utf-8"))
    assert result.stdout == markdown(document)
    assert str(tmp_path) not in out.read_text("utf-8")
    assert "no index" in result.stderr
    assert document["wheel_bytes"] is None
    assert "wheel: cannot be built here" in document["left_out"]
    assert set(document["installed"]) == {"edge-digits"}
    assert set(document["models"]) == {"edge-digits fp32", "edge-digits int8", "edge-digits second-look"}
    picture, strip = document["fresh"]
    assert picture["processes"] == strip["processes"] == 2
    assert picture["truth"] == "61907"
    assert 0 < picture["import_seconds"]["median"] < picture["first_answer_seconds"]["median"] < 60
    misread = [warning for warning in document["warnings"] if warning.startswith("misread: edge-digits, 640x480")]
    assert len(misread) == 1, "the model of the tests cannot read it, and that is said"


def test_the_wheel_is_weighed_only_when_asked_for(
    tmp_path: Path, without_rivals: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(footprint, "wheel_bytes", lambda: 123_456)
    monkeypatch.setattr(
        footprint, "start_in_turns", lambda programs, count: [[Start("61907", 1, 1, 1, 1)]] * len(programs)
    )
    for option, size in (("--wheel", 123_456), ("--no-wheel", None)):
        out = tmp_path / "footprint.json"
        result = CliRunner().invoke(main, ["footprint", option, "--out", str(out)], catch_exceptions=False)
        assert result.exit_code == 0
        document = json.loads(out.read_text("utf-8"))
        assert document["wheel_bytes"] == size
        assert ("wheel: not asked for" in document["left_out"]) == (size is None)
        assert ("Wheel: 0.12 MB" in result.stdout) == (size is not None)


def test_figures_that_are_not_to_be_trusted_are_named() -> None:
    steady = fresh_figures(SAYS_7, [Start("7", 1.0, 0.1, None, None)] * 3)
    shaken = fresh_figures(SAYS_7, [Start("1", seconds, 0.1, None, None) for seconds in (1.0, 1.0, 1.6)])
    assert warnings({"fresh": [steady]}) == []
    assert [warning.partition(":")[0] for warning in warnings({"fresh": [shaken]})] == ["misread", "unstable"]


@pytest.mark.slow
def test_the_published_network_answers_in_tensorflow_and_litert(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    from train.core.run_folder import MODEL_FILE
    from train.model.network import build

    run = tmp_path / "run"
    run.mkdir()
    build("notebook").save(run / MODEL_FILE)
    rivals = footprint_rivals.prepare(tmp_path, run, footprint.SAMPLE, "61907", lambda text: None)
    networks = [program for program in rivals.programs if program.name.startswith(("TensorFlow", "LiteRT"))]
    assert networks[0].name == "TensorFlow, Keras predict"
    answers = [start(program) for program in networks]
    assert all(begun.import_seconds < begun.seconds for begun in answers)
    untrained_fp32 = [
        begun.text for begun, program in zip(answers, networks, strict=True) if "int8" not in program.name
    ]
    assert len(set(untrained_fp32)) == 1, "one network, one answer, trained or not"
    assert all(size > 100_000 for size in rivals.models.values())
