"""The command line: output, exit codes, rows."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from tiny_model import write_model

import edge_runtime.cli.webcam
import edge_runtime.model
from edge_runtime import DigitReader, ImageError, ModelError, Reading, find_files, read_files
from edge_runtime.cli import main
from edge_runtime.folders import natural_key
from edge_runtime.rows import ROW_FIELDS, Row

Run = Callable[..., Result]
BOX = ((1.0, 2.0), (3.0, 2.0), (3.0, 4.0), (1.0, 4.0))


@pytest.fixture
def run(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("EDGE_DIGITS_MODEL", str(tiny_path))
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def picture(tmp_path: Path, page_png: bytes) -> Path:
    path = tmp_path / "page.png"
    path.write_bytes(page_png)
    return path


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "blank.png"
    path.write_bytes(cv2.imencode(".png", np.full((60, 80), 255, np.uint8))[1].tobytes())
    return path


@pytest.fixture
def broken(tmp_path: Path, page_png: bytes) -> Path:
    path = tmp_path / "broken.png"
    path.write_bytes(page_png[: len(page_png) // 2])
    return path


def one_line(text: str) -> str:
    (line,) = text.splitlines()
    return line


# Rows


def reading(text: str, confidence: float, accepted: bool) -> Reading:
    digits = tuple(int(char) for char in text)
    return Reading(text, digits, (confidence,) * len(digits), confidence, accepted, BOX)


def test_a_row_tells_its_status_text_and_confidence() -> None:
    sure, unsure = reading("42", 0.9, True), reading("7", 0.3, False)
    rows = [Row.of("p", readings, 1.0) for readings in ([sure, unsure, sure], [unsure], [])]
    assert [row.status for row in rows] == ["read", "unsure", "empty"]
    assert [row.text for row in rows] == ["42 42", "", ""]
    assert [row.confidence for row in rows] == [pytest.approx(0.81), 0.3, None]
    assert len(rows[0].readings) == 3


def test_a_rows_json_has_the_columns_and_kinds_of_the_manual() -> None:
    row = json.loads(json.dumps(Row.of("p", [reading("42", 0.9, True)], 1.23456).as_dict(), allow_nan=False))
    assert tuple(row) == ROW_FIELDS == ("path", "status", "text", "confidence", "readings", "error", "ms")
    assert row["readings"][0]["digits"] == [4, 2] and row["readings"][0]["accepted"] is True
    assert row["error"] is None and row["ms"] == 1.235
    failed = Row.failed("p", ImageError("two\nlines")).as_dict()
    assert (failed["status"], failed["text"], failed["confidence"], failed["readings"]) == ("error", "", None, [])
    assert failed["error"] == "two lines"


# read


def test_read_prints_one_line_a_picture(run: Run, picture: Path, blank: Path) -> None:
    result = run("read", picture, blank, "--min-confidence", 0)
    assert (result.exit_code, result.stderr) == (0, "")
    first, second = result.stdout.splitlines()
    (expected,) = DigitReader(os.environ["EDGE_DIGITS_MODEL"]).read(picture)
    assert first == f"{picture}: {expected.text}"
    assert second == f"{blank}: (no number)"


def test_read_marks_what_it_is_not_sure_of(run: Run, picture: Path) -> None:
    result = run("read", picture, "--min-confidence", 1)
    assert result.exit_code == 0
    assert "(unsure: " in one_line(result.stdout) and "%" in result.stdout


def test_a_broken_picture_is_an_error_and_the_others_are_read(run: Run, broken: Path, blank: Path) -> None:
    result = run("read", broken, "no/such.png", blank)
    assert result.exit_code == 1
    assert one_line(result.stdout) == f"{blank}: (no number)"
    assert [line.startswith("Error: ") for line in result.stderr.splitlines()] == [True, True]
    assert str(broken) in result.stderr and "no/such.png" in result.stderr


def test_read_gives_json_lines_and_csv_with_the_same_content(run: Run, picture: Path, broken: Path) -> None:
    as_json, as_csv = (run("read", picture, broken, "--format", form) for form in ("json", "csv"))
    assert as_json.exit_code == as_csv.exit_code == 1
    json_rows = [json.loads(line) for line in as_json.stdout.splitlines()]
    csv_rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    assert [row["status"] for row in json_rows] == [row["status"] for row in csv_rows]
    assert json_rows[1]["status"] == "error" and str(broken) in json_rows[1]["error"]
    for from_json, from_csv in zip(json_rows, csv_rows, strict=True):
        assert list(from_csv) == list(from_json) == list(ROW_FIELDS)
        assert json.loads(from_csv["readings"]) == from_json["readings"]
        assert from_csv["text"] == from_json["text"] and from_csv["path"] == from_json["path"]


def test_read_draws_what_it_read(run: Run, picture: Path, tmp_path: Path) -> None:
    shown = tmp_path / "shown.png"
    assert run("read", picture, "--min-confidence", 0, "--show", shown).exit_code == 0
    drawn = cv2.imread(str(shown))
    assert drawn is not None and max(drawn.shape) >= 480
    assert (np.abs(drawn.astype(int) - (60, 170, 0)).max(axis=2) < 5).any()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["read"],
        ["read", "a.png", "--format", "xml"],
        ["read", "a.png", "b.png", "--show", "c.png"],
        ["read", "a.png", "--show", "c.doc"],
        ["read", "a.png", "--min-confidence", "2"],
        ["read", "a.png", "--threads", "0"],
        ["read", "a.png", "--no-such-option"],
        ["batch"],
        ["batch", "no/such/folder"],
        ["batch", ".", "--output", "rows.xml"],
        ["batch", ".", "--workers", "0"],
        ["bench", "--seconds", "0"],
        ["no-such-command"],
    ],
)
def test_wrong_usage_exits_with_2(run: Run, arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == "" and "Usage:" in result.stderr


def test_a_model_that_cannot_be_used_is_one_line_and_exit_1(run: Run, picture: Path, tmp_path: Path) -> None:
    other = write_model(tmp_path / "other.onnx", names={"strip": "image"})
    for arguments in (["read", picture], ["batch", tmp_path], ["webcam", tmp_path, "--headless"]):
        result = run(*arguments, "--model", other)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "other.onnx" in one_line(result.stderr)


# batch


@pytest.fixture
def folder(tmp_path: Path, page_png: bytes) -> Path:
    root = tmp_path / "scans ünd 三"
    for name in ("img10.png", "img2.png", "IMG1.png", "a/deep/page.png", "b.d/1.png", ".hidden/x.png", ".DS_Store"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page_png)
    (root / "img3.jpg").write_bytes(b"no picture at all")
    (root / "img4.png").touch()
    os.symlink(root, root / "loop")
    return root


ORDER = ["a/deep/page.png", "b.d/1.png", "IMG1.png", "img2.png", "img3.jpg", "img4.png", "img10.png"]


def test_batch_writes_one_row_a_file_in_natural_order(run: Run, folder: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.jsonl"
    result = run("batch", folder, "--output", output, "--min-confidence", 0)
    assert (result.exit_code, result.stdout) == (1, "")  # two files are broken
    rows = [json.loads(line) for line in output.read_text("utf-8").splitlines()]
    assert [row["path"] for row in rows] == [str(folder / name) for name in ORDER]
    assert [row["status"] for row in rows] == ["read", "read", "read", "read", "error", "error", "read"]
    assert all(row["ms"] >= 0 for row in rows)
    assert one_line(result.stderr).startswith("7 files: 5 read, 0 unsure, 0 empty, 2 error")


def test_batch_without_output_prints_json_lines(run: Run, folder: Path) -> None:
    result = run("batch", folder)
    assert [json.loads(line)["path"] for line in result.stdout.splitlines()] == [str(folder / name) for name in ORDER]


def test_batch_exits_with_0_when_all_is_good(run: Run, tmp_path: Path, blank: Path, picture: Path) -> None:
    result = run("batch", tmp_path, "--output", tmp_path / "rows.csv")
    assert result.exit_code == 0
    again = run("batch", tmp_path, "--output", tmp_path / "rows.csv")  # its own output is no input
    assert again.exit_code == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "rows.csv").read_text("utf-8"))))
    assert [Path(row["path"]).name for row in rows] == ["blank.png", "page.png"]
    assert rows[0]["status"] == "empty" and rows[0]["confidence"] == "" and rows[0]["error"] == ""
    assert not list(tmp_path.glob("*.part"))


def test_an_empty_folder_gives_no_rows_and_exit_0(run: Run, tmp_path: Path) -> None:
    result = run("batch", tmp_path, "--output", tmp_path / "rows.csv")
    assert result.exit_code == 0
    assert (tmp_path / "rows.csv").read_text("utf-8") == ",".join(ROW_FIELDS) + "\n"


def test_a_csv_has_its_name_only_when_it_is_complete(
    run: Run, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out" / "rows.csv"
    output.parent.mkdir()
    output.write_text("of an earlier run", "utf-8")

    def fail(paths: object, reader: object, workers: int) -> object:
        yield Row.of("first.png", [], 1.0)
        raise ModelError("gone")

    monkeypatch.setattr(edge_runtime, "read_files", fail)
    assert run("batch", tmp_path, "--output", output).exit_code == 1
    assert output.read_text("utf-8") == "of an earlier run"
    assert "first.png" in (output.parent / "rows.csv.part").read_text("utf-8")


def test_min_confidence_decides_what_is_accepted(run: Run, tmp_path: Path, picture: Path) -> None:
    def status(least: float) -> str:
        return str(json.loads(run("batch", tmp_path, "--min-confidence", least).stdout)["status"])

    assert (status(0), status(1)) == ("read", "unsure")


def test_an_output_that_cannot_be_written_is_one_line_and_exit_1(run: Run, tmp_path: Path, picture: Path) -> None:
    result = run("batch", tmp_path, "--output", tmp_path / "no" / "folder" / "rows.jsonl")
    assert result.exit_code == 1
    assert "rows.jsonl" in one_line(result.stderr)


def test_file_names_that_are_not_unicode_come_back_from_json(run: Run, tmp_path: Path, page_png: bytes) -> None:
    name = os.fsencode(tmp_path) + b"/bad\xff\xfename.png"
    Path(os.fsdecode(name)).write_bytes(page_png)
    output = tmp_path / "rows.jsonl"
    assert run("batch", tmp_path, "--output", output).exit_code == 0
    assert os.fsencode(json.loads(output.read_bytes())["path"]) == name


def test_megapixels_are_bounded(run: Run, tmp_path: Path, picture: Path) -> None:
    result = run("batch", tmp_path, "--max-megapixels", 0.01)
    assert result.exit_code == 1
    assert "320x240" in json.loads(result.stdout)["error"]


def test_worker_processes_give_the_same_rows(tiny_reader: DigitReader, folder: Path) -> None:
    paths = list(find_files(folder)) * 5
    alone, shared = (list(read_files(paths, tiny_reader, workers)) for workers in (1, 2))
    assert [row.path for row in shared] == paths
    assert [(row.status, row.readings, row.error) for row in shared] == [
        (row.status, row.readings, row.error) for row in alone
    ]


class KillsItsProcess(DigitReader):
    """Ends the process on one file, as a fault in a decoder would."""

    def read(self, image: object) -> list[Reading]:  # type: ignore[override]
        if "img2" in str(image):
            os.kill(os.getpid(), signal.SIGKILL)
        return []


def test_a_file_that_kills_its_process_is_a_row(tiny_path: Path, folder: Path) -> None:
    paths = list(find_files(folder))
    rows = list(read_files(paths, KillsItsProcess(tiny_path), workers=2))
    assert [row.path for row in rows] == paths
    killed = [row for row in rows if row.status == "error"]
    assert [Path(row.path).name for row in killed] == ["img2.png"]
    assert "killed the process" in str(killed[0].error)


def test_files_are_taken_as_they_are_needed(tiny_reader: DigitReader, picture: Path) -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield str(picture)

    rows = read_files(endless(), tiny_reader, workers=2)  # type: ignore[arg-type]
    for _ in range(3):
        assert next(rows).path == str(picture)
    rows.close()  # type: ignore[attr-defined]
    assert taken <= 3 + 2 * 8


def test_unexpected_errors_of_one_file_are_rows(tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = DigitReader(tiny_path)
    monkeypatch.setattr(reader, "read", lambda path: 1 / 0)
    (row,) = read_files(["strange.png"], reader)
    assert row.status == "error" and "strange.png: ZeroDivisionError" in str(row.error)


@pytest.mark.parametrize(
    ("names", "ordered"),
    [
        (["10", "9", "1"], ["1", "9", "10"]),
        (["b2", "B10", "a"], ["a", "b2", "B10"]),
        (["x1y2", "x1y10", "x"], ["x", "x1y2", "x1y10"]),
        (["01", "1", "001"], ["001", "01", "1"]),
        (["²", "1", "٣"], ["1", "²", "٣"]),
    ],
)
def test_natural_order(names: list[str], ordered: list[str]) -> None:
    assert sorted(names, key=natural_key) == ordered


def test_a_closed_pipe_ends_quietly(tiny_path: Path, folder: Path) -> None:
    for number in range(100, 160):
        (folder / f"more{number}.png").write_bytes((folder / "img2.png").read_bytes())
    command = [sys.executable, "-m", "edge_runtime", "batch", str(folder), "--model", str(tiny_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        assert json.loads(process.stdout.readline())["path"]
        process.stdout.close()
        errors = process.stderr.read()
        process.wait(timeout=30)
    assert "Traceback" not in errors
    assert process.returncode == 1


# webcam


@pytest.fixture
def video(tmp_path: Path, page: np.ndarray) -> Path:
    """Two blank frames, three with the number, two blank ones."""
    folder = tmp_path / "video"
    folder.mkdir()
    for number in range(7):
        frame = page if 2 <= number < 5 else np.full_like(page, 255)
        (folder / f"{number}.png").write_bytes(cv2.imencode(".png", frame)[1].tobytes())
    return folder


def test_headless_prints_a_line_whenever_the_reading_changes(run: Run, video: Path) -> None:
    result = run("webcam", video, "--headless", "--min-confidence", 0)
    assert (result.exit_code, result.stderr) == (0, "")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["frame"] for row in rows] == [2, 5]
    assert rows[0]["text"] and rows[0]["readings"] and rows[1]["text"] == ""
    assert "T" in rows[0]["time"]


def test_a_missing_camera_is_one_line_and_exit_1(run: Run) -> None:
    result = run("webcam", "99", "--headless")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "source 99" in one_line(result.stderr)


class FakeWindow:
    """The window functions of OpenCV, with keys pressed by a script."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
        self.shown: list[np.ndarray] = []
        self.keys = iter(keys)
        self.visible = True
        monkeypatch.setenv("DISPLAY", ":99")
        monkeypatch.setattr(cv2, "namedWindow", lambda *_: None)
        monkeypatch.setattr(cv2, "imshow", lambda _, picture: self.shown.append(picture))
        monkeypatch.setattr(cv2, "waitKey", lambda _: ord(next(self.keys, " ")))
        monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: float(self.visible))
        monkeypatch.setattr(cv2, "destroyAllWindows", lambda: setattr(self, "visible", False))


def test_the_window_shows_each_frame_with_its_readings(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = FakeWindow(monkeypatch, "")
    assert run("webcam", video, "--min-confidence", 0).exit_code == 0
    assert len(window.shown) == 7 and not window.visible
    green = [bool((np.abs(frame.astype(int) - (60, 170, 0)).max(axis=2) < 5).any()) for frame in window.shown]
    assert green == [False, False, True, True, True, False, False]


def test_s_saves_the_frame_and_q_quits(
    run: Run, video: Path, page: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = FakeWindow(monkeypatch, "  sq")
    result = run("webcam", video, "--save-dir", tmp_path / "saved")
    assert result.exit_code == 0 and len(window.shown) == 4
    (saved,) = (tmp_path / "saved").glob("*.png")
    np.testing.assert_array_equal(cv2.imread(str(saved)), page)
    assert str(saved) in one_line(result.stderr)


def test_closing_the_window_quits(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = FakeWindow(monkeypatch, "")
    window.visible = False
    assert run("webcam", video).exit_code == 0
    assert len(window.shown) == 1


def test_an_opencv_without_windows_says_what_to_do(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise cv2.error("The function is not implemented")

    monkeypatch.setenv("DISPLAY", ":99")
    monkeypatch.setattr(cv2, "namedWindow", missing)
    result = run("webcam", video)
    assert result.exit_code == 1
    assert "--headless" in one_line(result.stderr) and "opencv-python" in result.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays of X11 and Wayland")
def test_without_a_display_headless_is_named(run: Run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    result = run("webcam", video)
    assert result.exit_code == 1 and "--headless" in one_line(result.stderr)


# info and bench


@pytest.fixture
def package_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder like the package's, with the tiny model as both fp32 and int8."""
    from hashlib import sha256

    sums = ""
    for name in ("digits-fp32.onnx", "digits-int8.onnx"):
        sums += f"{sha256(write_model(tmp_path / name).read_bytes()).hexdigest()}  {name}\n"
    (tmp_path / "SHA256SUMS").write_text(sums, "utf-8")
    (tmp_path / "MODEL_CARD.md").write_text("# The card\n\nReads numbers.\n\n## Data\n\nMuch.\n", "utf-8")
    monkeypatch.setattr(edge_runtime.model, "MODEL_FOLDER", tmp_path)
    return tmp_path


def test_info_tells_all_that_a_report_needs(run: Run, package_models: Path) -> None:
    result = run("info", "--json")
    assert result.exit_code == 0
    facts = json.loads(result.stdout)
    assert facts["edge-digits"] == edge_runtime.__version__
    assert facts["versions"]["numpy"] == np.__version__
    assert facts["processor"]["architecture"] and facts["processor"]["processors"] >= 1
    assert facts["models"]["int8"]["sha256"] in (package_models / "SHA256SUMS").read_text("utf-8")
    assert facts["models"]["fp32"]["reject threshold"] == 0.5
    assert facts["model card"] == "The card: Reads numbers."
    text = run("info").stdout
    assert facts["models"]["fp32"]["sha256"] in text and "strip: uint8 [N, 28, 140, 1]" in text


def test_info_names_a_bad_model_and_still_tells_the_rest(run: Run, package_models: Path) -> None:
    (package_models / "digits-int8.onnx").write_bytes(b"bad")
    result = run("info")
    assert result.exit_code == 1
    assert "sha256 is" in result.stdout and "name: tiny" in result.stdout


def test_bench_compares_and_then_times_both_models(run: Run, package_models: Path) -> None:
    result = run("bench", "--seconds", 0.02, "--json")
    assert result.exit_code == 0
    facts = json.loads(result.stdout)
    assert facts["agreement"] == {"strips": 256, "alike": 1.0, "max_difference": 0.0}
    assert facts["threads"] == 1
    for name in ("fp32", "int8"):
        assert [row["batch"] for row in facts["speed"][name]] == [1, 64]
        for row in facts["speed"][name]:
            assert 0 < row["p50_ms"] <= row["p90_ms"] <= row["p99_ms"] and row["strips_per_s"] > 0
    assert "strips/s" in run("bench", "--seconds", 0.02).stdout


def test_bench_refuses_to_time_models_that_disagree(run: Run, package_models: Path) -> None:
    from hashlib import sha256

    turned = {f"digit{slot}": f"digit{slot % 5 + 1}" for slot in range(1, 6)}
    other = write_model(package_models / "digits-int8.onnx", names=turned).read_bytes()
    sums = package_models / "SHA256SUMS"
    first = sums.read_text("utf-8").splitlines()[0]
    sums.write_text(f"{first}\n{sha256(other).hexdigest()}  digits-int8.onnx\n", "utf-8")
    result = run("bench", "--seconds", 0.02)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "alike" in one_line(result.stderr)


def test_the_processors_features_are_read_from_both_families(tmp_path: Path) -> None:
    from edge_runtime.machine import processor

    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("model name\t: Some CPU\nflags\t\t: fpu avx2 avx_vnni\n", "utf-8")
    assert processor(cpuinfo)["features"] == ["AVX2", "AVX-VNNI (int8 dot product)"]
    assert processor(cpuinfo)["name"] == "Some CPU"
    cpuinfo.write_text("Features\t: fp asimd asimddp\n", "utf-8")
    assert processor(cpuinfo)["features"] == ["NEON", "NEON dot product (int8)"]
    assert processor(tmp_path / "none")["features"] == []


def test_no_command_takes_long_to_show_its_help() -> None:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "edge_runtime", "read", "-h"], capture_output=True, timeout=30, check=True)
    assert time.perf_counter() - start < 5
    assert isinstance(main, click.Group)
