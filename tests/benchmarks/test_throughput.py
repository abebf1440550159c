"""``python -m benchmarks throughput``: folders, turns, the watched command, figures, and the whole with tiny counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.throughput import (
    batch_command as throughput_command,
)
from benchmarks.throughput import (
    command as throughput,
)
from benchmarks.throughput import (
    pictures as throughput_pictures,
)
from benchmarks.throughput import (
    turns as throughput_turns,
)
from benchmarks.throughput.batch_command import Sample, folder_figures, growth_figures, memory_figures, run_command
from benchmarks.throughput.pictures import FRAMES, PHOTOS, STRIPS, Drawn, Folder, Kind, make_folder
from benchmarks.throughput.report import markdown
from benchmarks.throughput.turns import (
    Decoding,
    Reading,
    Spread,
    StripLoop,
    block_size,
    rates_in_turns,
    ratios,
    read_strips,
)
from edge_runtime import DigitReader, EdgeDigitsError, ImageError, Picture, find_files
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
    return make_folder(TINY, 8, tmp_path / "cache", silent)


def test_a_folder_repeats_its_pictures_under_distinct_names(folder: Folder) -> None:
    assert len(folder.files) == len(set(folder.files)) == 8
    assert list(folder.files) == list(find_files(folder.path)), "the order in which the reader goes through them"
    contents = [Path(path).read_bytes() for path in folder.files]
    assert len(set(contents)) == 3
    assert contents[3:6] == contents[:3]
    assert folder.truths == TEXTS
    assert [Path(path).read_bytes() for path in folder.distinct] == contents[:3]


def test_folders_are_made_once_and_an_interrupted_one_again(tmp_path: Path) -> None:
    said: list[str] = []
    first = make_folder(TINY, 5, tmp_path, said.append)
    assert make_folder(TINY, 5, tmp_path, said.append) == first
    assert len(said) == 2, "drawn once, repeated once"
    broken = first.path.with_name("6.part")
    broken.mkdir()
    (broken / "left.png").write_bytes(b"half")
    assert len(make_folder(TINY, 6, tmp_path, said.append).files) == 6
    assert not broken.exists()


def test_where_links_are_refused_files_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    folder = make_folder(TINY, 4, tmp_path, silent)
    assert Path(folder.files[3]).read_bytes() == Path(folder.files[0]).read_bytes()
    assert Path(folder.files[3]).stat().st_nlink == 1


def test_a_folder_smaller_than_the_drawn_set_has_truths_for_its_own_files(tmp_path: Path) -> None:
    folder = make_folder(TINY, 2, tmp_path, silent)
    assert folder.truths == TEXTS[:2]
    assert folder.facts()["distinct"] == folder.facts()["files"] == 2


def test_facts_tell_other_pictures_apart_and_name_no_folder(tmp_path: Path, folder: Folder) -> None:
    facts = folder.facts()
    assert facts["files"] == 8
    assert str(tmp_path) not in json.dumps(facts)
    spoil(folder.files[0])
    assert folder.facts()["sha256"] != facts["sha256"]


def test_the_drawn_kinds_are_what_their_titles_say() -> None:
    pytest.importorskip("scipy")
    for kind, size in ((STRIPS, (28, 140)), (FRAMES, (480, 640)), (PHOTOS, (3000, 4000))):
        count = 1 if kind is PHOTOS else 10
        drawn = list(kind.draw(count))
        assert len(drawn) == count
        pixels = [cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) for content, _ in drawn]
        assert {image.shape[:2] for image in pixels} == {size}
        assert len({content for content, _ in drawn}) == count
        assert all(label == "" or label.isdigit() for _, label in drawn)
        assert next(kind.draw(1)) == drawn[0], "the same pictures on every machine"
    assert PHOTOS.files_of(10_000) == 500
    assert PHOTOS.files_of(3) == 1


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
        self._log.append(f"{self.name} closed")


def test_ways_take_turns_and_their_rates_are_told() -> None:
    log: list[str] = []
    quick, slow = Paced("quick", 0.001, log), Paced("slow", 0.05, log)
    rates = rates_in_turns([quick, slow], 20, clock=lambda: quick.now_s + slow.now_s)
    assert len(rates[0]) == len(rates[1]) > throughput_turns.FEWEST_TURNS
    assert rates[0] == pytest.approx([1000] * len(rates[0]))
    assert ratios(rates[0], rates[1]).median == pytest.approx(50)
    turns = log[-2 * len(rates[0]) :]
    assert all(set(turns[index : index + 2]) == {"quick", "slow"} for index in range(0, len(turns), 2))
    assert {turns[index] for index in range(0, len(turns), 2)} == {"quick", "slow"}, "either goes first at times"


def test_little_time_still_gives_enough_turns() -> None:
    way = Paced("only", 0.001, [])
    (rates,) = rates_in_turns([way], 1e-6, clock=lambda: way.now_s)
    assert len(rates) == throughput_turns.FEWEST_TURNS


@pytest.mark.parametrize(("picture_s", "expected"), [(0.001, 500), (0.05, 10), (3.0, throughput_turns.FEWEST_PICTURES)])
def test_a_block_lasts_about_as_long_as_asked(picture_s: float, expected: int) -> None:
    assert block_size(Paced("any", picture_s, []), 0.5) == pytest.approx(expected, rel=0.01)


def test_many_workers_get_larger_blocks() -> None:
    assert block_size(Paced("many", 3.0, [], workers=4), 0.5) == 4 * throughput_turns.FEWEST_PICTURES


def test_a_spread_warns_where_slow_turns_are_far_off() -> None:
    steady, shaken = Spread.of([100.0] * 20), Spread.of([100.0] * 8 + [50.0] * 2)
    assert not steady.is_unstable
    assert shaken.is_unstable
    assert steady.as_dict() == {"turns": 20, "median": 100.0, "p10": 100.0, "p90": 100.0}


class Slow:
    """A reader that finds nothing, takes its time for it, and remembers what it was given."""

    max_megapixels = 1.0

    def __init__(self) -> None:
        self.seen: list[str] = []

    def read(self, picture: Picture) -> list[object]:
        time.sleep(0.002)
        self.seen.append(picture.note)
        return []


def test_reading_goes_on_in_the_folder_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    blank = np.zeros((1, 1), np.uint8)
    monkeypatch.setattr("edge_runtime.batch.run.load_picture", lambda path, **_: Picture(blank, note=path))
    reader = Slow()
    way = Reading(["a", "b", "c", "d"], reader, 1)  # type: ignore[arg-type]
    assert way.block(3) >= 3 * 0.002
    assert way.block(2) >= 2 * 0.002
    assert reader.seen == ["a", "b", "c", "d", "a"], "nothing read that is not counted"
    way.close()
    with pytest.raises(StopIteration):
        way.block(1)


def test_reading_with_workers_discounts_what_was_read_ahead(tiny_reader: DigitReader, folder: Folder) -> None:
    way = Reading(folder.files, tiny_reader, 2)
    try:
        way.block(4)
        ahead = way._in_flight
        assert ahead > 0
        received = way._received
        way.block(5)
        assert way._received == received + ahead + 5
    finally:
        way.close()


def test_a_picture_that_cannot_be_read_ends_the_measurement(tiny_reader: DigitReader, folder: Folder) -> None:
    spoil(folder.files[1])
    for way in (Reading(folder.files, tiny_reader, 1), Decoding(folder.files, 1)):
        with pytest.raises(ImageError, match=r"000001\.png"):
            way.block(8)
        way.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_decoding_goes_through_as_many_files_as_asked(
    folder: Folder, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = Decoding(folder.files, workers)
    seen: list[str] = []
    if workers == 1:
        monkeypatch.setattr(throughput_turns, "load_picture", seen.append)
        way.block(11)
        assert seen == [*folder.files, *folder.files[:3]]
    else:
        assert way.block(11) > 0
        spoil(folder.files[-1])
        with pytest.raises(ImageError, match=r"000007\.png"):
            way.block(8)
    way.close()


def test_a_loop_over_strips_reads_them_as_they_are(tiny_reader: DigitReader, folder: Folder) -> None:
    loop = StripLoop("loop", folder.files, read_strips(tiny_reader))
    assert [loop.read(path) for path in folder.distinct] == list(TEXTS)
    assert loop.block(9) > 0


def samples_of(sizes: list[int], rows_each: int = 500) -> list[Sample]:
    return [Sample(0.2 * index, rows_each * index, size) for index, size in enumerate(sizes)]


def test_memory_is_told_from_the_thousandth_picture_on() -> None:
    flat = memory_figures(samples_of([10, 80, 90, 91, 89, 90]))
    assert flat is not None
    assert (flat["highest_bytes"], flat["settled_bytes"], flat["growth_bytes"]) == (91, 90, 1)
    assert flat["second_half_growth_bytes"] <= 0
    rising = memory_figures(samples_of([10, 80, 90, 100, 110, 120]))
    assert rising is not None
    assert (rising["growth_bytes"], rising["second_half_growth_bytes"]) == (30, 20)
    assert rising["over_time"][1] == [0.2, 500, 80]
    short = memory_figures(samples_of([10, 20]))
    assert short is not None
    assert short["growth_bytes"] is None
    assert memory_figures([]) is None


def test_the_record_of_memory_stays_short() -> None:
    long = memory_figures(samples_of([1] * 5_001))
    assert long is not None
    assert 100 < len(long["over_time"]) <= 200


def test_growth_is_told_without_what_starting_costs() -> None:
    runs = [{"files": 100, "seconds": 1.1}, {"files": 1_000, "seconds": 2.0}, {"files": 10_000, "seconds": 20.0}]
    rows = growth_figures(runs)
    assert [row["ms_per_file"] for row in rows] == [11.0, 2.0, 2.0]
    assert [row["ms_per_further_file"] for row in rows] == [None, 1.0, 2.0]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells it in /proc")
def test_memory_of_a_process_includes_what_it_has_started() -> None:
    own = throughput_command.resident_bytes(os.getpid())
    assert own is not None and own > 10e6
    child = "import time; held = bytearray(50_000_000); print(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with_child = throughput_command.resident_bytes(os.getpid())
        alone = throughput_command.resident_bytes(process.pid)
        process.kill()
    assert with_child is not None and alone is not None
    assert 50e6 < alone < with_child - own + 20e6
    assert throughput_command.resident_bytes(process.pid) is None


def test_the_command_is_run_to_its_end(folder: Folder, tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_DIGITS_MODEL", str(tiny_path))
    run = run_command(folder.path, 1, limit_s=60)
    assert run.complete
    assert run.rows == 8
    assert 0 < run.seconds < 60
    if sys.platform.startswith("linux"):
        assert max(sample.resident_bytes for sample in run.samples) > 20e6


def test_a_run_is_stopped_at_its_limit(folder: Folder, tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_DIGITS_MODEL", str(tiny_path))
    figures = folder_figures(folder.path, 1, limit_s=1e-6)
    assert not figures["complete"]
    assert figures["runs"] == 1, "no use in stopping it again"
    assert figures["files"] < 8


def test_a_command_that_fails_says_why(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_DIGITS_MODEL", "none.onnx")
    with pytest.raises(EdgeDigitsError, match=r"edge-digits batch failed: .*none\.onnx"):
        run_command(folder.path, 1, limit_s=60)


def test_the_whole_with_tiny_counts(tmp_path: Path, tiny_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGE_DIGITS_MODEL", str(tiny_path))
    monkeypatch.setattr(throughput, "KINDS", (TINY,))
    monkeypatch.setattr(throughput, "STRIPS", TINY)
    monkeypatch.setattr(throughput_command, "REPEATED_BELOW_S", 0)
    threads = cv2.getNumThreads()
    out = tmp_path / "new" / "throughput.json"
    arguments = [
        "throughput",
        "--cache",
        str(tmp_path / "cache"),
        "--out",
        str(out),
        "--count",
        "6",
        "--seconds",
        "0.5",
    ]
    arguments += ["--growth", "4", "--growth", "2", "--notebook", str(tmp_path / "none")]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    document = json.loads(out.read_text("utf-8"))
    assert result.stdout == markdown(document)
    assert str(tmp_path) not in out.read_text("utf-8")
    assert cv2.getNumThreads() == threads
    assert document["machine"]["processors"] >= 1 and "numpy" in document["versions"]
    assert [run["files"] for run in document["growth"]] == [2, 4]
    assert document["keras"] is None
    (reason,) = document["left_out"]
    assert reason.startswith("Keras predict in a loop")
    (row,) = document["folders"]
    assert row["whole_folder"]["files"] == row["files"] == 6
    workers = sorted({1, document["machine"]["processors"]})
    assert [share["workers"] for share in row["share_of_decoding"]] == workers
    assert all(0 < share["median"] < 1.5 for share in row["share_of_decoding"]), "reading includes decoding"
    assert {rate["way"] for rate in row["rates"]} == {"read_files", "decoding alone"}


@pytest.mark.slow
def test_a_loop_of_keras_predict_is_compared_in_the_same_turns(tmp_path: Path, tiny_reader: DigitReader) -> None:
    pytest.importorskip("tensorflow")
    from train.core.run_folder import MODEL_FILE
    from train.model.network import build

    build("notebook").save(tmp_path / MODEL_FILE)
    folder = make_folder(throughput_pictures.STRIPS, 4, tmp_path / "cache", silent)
    keras, left_out = throughput.against_keras(folder, tiny_reader, tmp_path, 0.5, silent)
    assert left_out == []
    assert keras is not None
    loop, ours, plain = keras["rates"]
    assert loop["way"] == "Keras predict in a loop"
    assert loop["times_faster"]["median"] == 1
    assert ours["times_faster"]["median"] > 1, "a call of predict takes longer than a picture"
    assert plain["reckoned_seconds"] < loop["reckoned_seconds"]
