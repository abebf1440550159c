"""``python -m benchmarks footprint``: fresh processes, sizes of installations, and the command."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.metadata import PathDistribution
from pathlib import Path

import numpy as np
import pytest

from benchmarks.core.dataset import timed_sample
from benchmarks.core.effort import QUICK
from benchmarks.footprint import command, peers
from benchmarks.footprint.fresh import STRIP, Program, Start, edge_digits_strip, figures, start, start_in_turns
from benchmarks.footprint.installed import installed_bytes, package_bytes, runtime_bytes
from benchmarks.footprint.report import first_reading, markdown, warnings
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


def test_programs_take_turns_and_the_first_is_not_counted(tmp_path: Path) -> None:
    log = tmp_path / "log"
    programs = [replace(SAYS_7, answer=f"text = '{name}'; open({str(log)!r}, 'a').write('{name}')") for name in "ab"]
    starts = start_in_turns(programs, 3)
    assert [[begun.text for begun in part] for part in starts] == [["a"] * 3, ["b"] * 3]
    started = log.read_text()
    assert len(started) == 8 and all(set(started[turn : turn + 2]) == {"a", "b"} for turn in range(0, 8, 2))


def test_figures_are_medians_with_extremes_and_doubtful_ones_are_named() -> None:
    starts = [Start("7", seconds, 0.1, memory, None) for seconds, memory in ((0.4, 30), (0.2, None), (0.3, 10))]
    row = figures(SAYS_7, starts)
    assert row["first_answer_seconds"] == {"median": 0.3, "least": 0.2, "most": 0.4}
    assert (row["resident_bytes"], row["peak_resident_bytes"], row["processes"]) == (20, None, 3)
    assert warnings([row]) == []
    shaken = figures(SAYS_7, [Start("1", seconds, 0.1, None, None) for seconds in (1.0, 1.0, 1.6)])
    assert [warning.partition(":")[0] for warning in warnings([shaken])] == ["misread", "unstable"]


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


def test_the_runtime_is_itself_and_three_libraries_with_what_they_require() -> None:
    sizes = runtime_bytes()
    assert {"edge-digits", "numpy", "onnxruntime", "click"} < set(sizes)
    assert any(name.startswith("opencv") for name in sizes)
    assert not {"tensorflow", "keras", "scipy", "onnx", "matplotlib"} & set(sizes)
    assert 500_000 < sizes["edge-digits"] < 5_000_000 < sizes["onnxruntime"]
    assert list(sizes.values()) == sorted(sizes.values(), reverse=True)


@pytest.mark.slow
def test_the_whole_without_the_wheel_and_the_published_network(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    document = command.measure(replace(QUICK, processes=2), tmp_path, lambda text: None)
    assert "start to answer, s" in markdown(document)
    assert str(tmp_path) not in json.dumps(document)
    assert document["wheel_bytes"] is None and "wheel: not asked for" in document["left_out"]
    assert any(reason.startswith("TensorFlow") for reason in document["left_out"])
    assert set(document["models"]) >= {"edge-digits fp32", "edge-digits int8", "edge-digits second-look"}
    picture = first_reading(document)
    assert picture is not None
    assert (picture["processes"], picture["text"]) == (2, picture["truth"])
    assert 0 < picture["import_seconds"]["median"] < picture["first_answer_seconds"]["median"] < 60


@pytest.mark.slow
def test_the_published_network_answers_in_tensorflow_and_litert(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    from train.core.run_folder import MODEL_FILE
    from train.model.network import build

    run = tmp_path / "run"
    run.mkdir()
    build("notebook").save(run / MODEL_FILE)
    others = peers.prepare(tmp_path, run, timed_sample(), lambda text: None)
    networks = [program for program in others.programs if program.name.startswith(("TensorFlow", "LiteRT"))]
    assert networks[0].name == "TensorFlow, Keras predict"
    untrained_fp32 = {start(program).text for program in networks if "int8" not in program.name}
    assert len(untrained_fp32) == 1, "one network, one answer, trained or not"
    assert all(size > 100_000 for size in others.models.values())
