"""``python -m benchmarks throughput``: folders, turns, the watched command, and the whole with tiny counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.core.effort import QUICK
from benchmarks.throughput import batch_command, command, ways
from benchmarks.throughput.batch_command import measure_folder, memory_figures, resident_bytes, run_command
from benchmarks.throughput.pictures import FRAMES, PHOTOS, STRIPS, Drawn, Folder, Kind, make_folders
from benchmarks.throughput.report import markdown
from benchmarks.throughput.ways import (
    Decoding,
    Reading,
    StripLoop,
    Way,
    block_size,
    rates_in_turns,
    ratios,
    read_strips,
    spread,
)
from edge_runtime import DigitReader, EdgeDigitsError, ImageError, find_files
from tests.edge_runtime.recognition.tiny_model import strip_of

TEXTS = ("42", "9031", "7")


def draw_tiny(count: int) -> Iterator[Drawn]:
    """Strips that the tiny model reads, as PNG."""
    for text in (TEXTS * count)[:count]:
        yield cv2.imencode(".png", strip_of(text))[1].tobytes(), text


TINY = Kind("tiny", "140x28 PNG", ".png", distinct=3, share=1, draw=draw_tiny)


def spoil(path: str) -> None:
    """Another content under this name alone: the file is a link to one that others have too."""
    Path(path).unlink()
    Path(path).write_bytes(b"nothing")


def silent(text: str) -> None:
    """Nobody listens."""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return make_folders(TINY, [8], tmp_path / "made")[0]


def test_a_folder_repeats_its_pictures_under_distinct_names(tmp_path: Path) -> None:
    folder, small = make_folders(TINY, [8, 2], tmp_path)
    assert len(folder.files) == len(set(folder.files)) == 8
    assert list(folder.files) == list(find_files(folder.path)), "the order in which the reader goes through them"
    contents = [Path(path).read_bytes() for path in folder.files]
    assert len(set(contents)) == 3 and contents[3:6] == contents[:3]
    assert folder.truths == TEXTS and small.truths == TEXTS[:2]
    assert [Path(path).read_bytes() for path in folder.distinct] == contents[:3]
    facts = folder.facts()
    assert facts["files"] == 8 and str(tmp_path) not in json.dumps(facts)
    spoil(folder.files[0])
    assert folder.facts()["sha256"] != facts["sha256"]


@pytest.mark.slow
def test_the_drawn_kinds_are_what_their_titles_say() -> None:
    pytest.importorskip("scipy")
    for kind, size in ((STRIPS, (28, 140)), (FRAMES, (480, 640)), (PHOTOS, (3000, 4000))):
        count = 1 if kind is PHOTOS else 10
        drawn = list(kind.draw(count))
        pixels = [cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) for content, _ in drawn]
        assert [image.shape[:2] for image in pixels] == [size] * count
        assert len({content for content, _ in drawn}) == count
        assert all(label == "" or label.isdigit() for _, label in drawn)
        assert next(kind.draw(1)) == drawn[0], "the same pictures on every machine"


class Paced:
    """A way that takes a fixed time for a picture, on a clock of its own."""

    def __init__(self, name: str, picture_s: float, log: list[str], workers: int = 1) -> None:
        self.name = name
        self.workers = workers
        self.now_s = 0.0
        self._picture_s = picture_s
        self._log = log

    def block(self, count: int) -> float:
        self._log.append(self.name)
        self.now_s += count * self._picture_s
        return count * self._picture_s

    def close(self) -> None:
        """Nothing is open."""


def test_ways_take_turns_and_their_rates_are_told() -> None:
    log: list[str] = []
    quick, slow = Paced("quick", 0.001, log), Paced("slow", 0.05, log)
    rates = rates_in_turns([quick, slow], 20, clock=lambda: quick.now_s + slow.now_s)
    assert len(rates[0]) == len(rates[1]) > ways.FEWEST_TURNS
    assert rates[0] == pytest.approx([1000] * len(rates[0]))
    assert ratios(rates[0], rates[1])["median"] == pytest.approx(50)
    turns = log[-2 * len(rates[0]) :]
    assert all(set(turns[index : index + 2]) == {"quick", "slow"} for index in range(0, len(turns), 2))
    assert {turns[index] for index in range(0, len(turns), 2)} == {"quick", "slow"}, "either goes first at times"
    (few,) = rates_in_turns([quick], 1e-6, clock=lambda: quick.now_s)
    assert len(few) == ways.FEWEST_TURNS, "little time still gives enough turns"


@pytest.mark.parametrize(
    ("picture_s", "workers", "expected"),
    [(0.001, 1, 500), (0.05, 1, 10), (3.0, 1, ways.FEWEST_PICTURES), (3.0, 4, 4 * ways.FEWEST_PICTURES)],
)
def test_a_block_lasts_about_as_long_as_asked(picture_s: float, workers: int, expected: int) -> None:
    assert block_size(Paced("any", picture_s, [], workers), 0.5) == pytest.approx(expected, rel=0.01)


def test_a_spread_is_of_single_turns() -> None:
    assert spread([100.0] * 20) == {"turns": 20, "median": 100.0, "p10": 100.0, "p90": 100.0}
    assert spread([*[100.0] * 8, 50.0, 50.0])["p10"] == 50


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_reading_and_decoding_go_on_in_the_folder_and_end_at_a_bad_picture(
    tiny_reader: DigitReader, folder: Folder, workers: int
) -> None:
    for make in (lambda: Reading(folder.files, tiny_reader, workers), lambda: Decoding(folder.files, workers)):
        way: Way = make()
        assert way.block(5) > 0 and way.block(11) > 0
        way.close()
    spoil(folder.files[-1])
    for make in (lambda: Reading(folder.files, tiny_reader, workers), lambda: Decoding(folder.files, workers)):
        way = make()
        with pytest.raises(ImageError, match=r"000007\.png"):
            way.block(8)
        way.close()


def test_a_loop_over_strips_reads_them_as_they_are(tiny_reader: DigitReader, folder: Folder) -> None:
    loop = StripLoop("loop", folder.files, read_strips(tiny_reader))
    assert [loop.read(path) for path in folder.distinct] == list(TEXTS)
    assert loop.block(9) > 0


def growths(*sizes: int) -> list[int | None]:
    """Of memory, sampled every 500 rows."""
    figures = memory_figures([(500 * index, size) for index, size in enumerate(sizes)])
    return list((figures or {}).values())


def test_memory_is_told_from_the_thousandth_picture_on() -> None:
    assert growths(10, 80, 90, 91, 89, 90) == [91, 90, 1, -1]
    assert growths(10, 80, 90, 100, 110, 120) == [120, 90, 30, 20]
    assert growths(10, 20) == [20, None, None, None]
    assert growths() == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells it in /proc")
def test_memory_of_a_process_includes_what_it_has_started() -> None:
    own = resident_bytes(os.getpid())
    child = "held = bytearray(50_000_000); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", child], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with_child, alone = resident_bytes(os.getpid()), resident_bytes(process.pid)
        process.kill()
    assert own and with_child and alone and 50e6 < alone < with_child - own + 20e6
    assert resident_bytes(process.pid) is None


def test_the_command_is_run_to_its_end_or_its_limit(
    folder: Folder, tiny_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGE_DIGITS_MODEL", str(tiny_path))
    run = run_command(folder.path, 1, limit_s=60)
    assert run.complete and run.rows == 8 and 0 < run.seconds < 60
    stopped = measure_folder(folder.path, 1, limit_s=1e-6)
    assert not stopped["complete"] and stopped["files"] < 8
    assert stopped["runs"] == 1, "no use in stopping it again"
    monkeypatch.setenv("EDGE_DIGITS_MODEL", "none.onnx")
    with pytest.raises(EdgeDigitsError, match=r"edge-digits batch failed: .*none\.onnx"):
        run_command(folder.path, 1, limit_s=60)


@pytest.mark.slow
def test_the_whole_with_tiny_counts(tmp_path: Path, tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_DIGITS_MODEL", str(tiny_path))
    monkeypatch.setattr(batch_command, "REPEATED_BELOW_S", 0)
    effort = replace(QUICK, files=6, seconds=0.5, growth=(2, 4))
    document = json.loads(json.dumps(command.measure(effort, tmp_path, silent, strips=TINY, others=())))
    assert "| tiny " in markdown(document)
    assert [run["files"] for run in document["growth"]] == [2, 4]
    assert document["keras"] is None and document["left_out"][0].startswith("Keras predict in a loop")
    (row,) = document["folders"]
    assert row["whole_folder"]["files"] == row["files"] == 6
    assert all(0 < share["median"] < 1.5 for share in row["share_of_decoding"]), "reading includes decoding"
    assert {rate["way"] for rate in row["rates"]} == {"read_files", "decoding alone"}


@pytest.mark.slow
def test_a_loop_of_keras_predict_is_compared_in_the_same_turns(tmp_path: Path, tiny_reader: DigitReader) -> None:
    pytest.importorskip("tensorflow")
    from train.core.run_folder import MODEL_FILE
    from train.model.network import build

    build("notebook").save(tmp_path / MODEL_FILE)
    (folder,) = make_folders(STRIPS, [4], tmp_path / "made")
    keras, left_out = command.against_keras(folder, tiny_reader, tmp_path, 0.5, silent)
    assert left_out == [] and keras is not None
    loop, ours, plain = keras["rates"]
    assert loop["way"] == "Keras predict in a loop" and loop["times_faster"]["median"] == 1
    assert ours["times_faster"]["median"] > 1, "a call of predict takes longer than a picture"
    assert plain["reckoned_seconds"] < loop["reckoned_seconds"]
