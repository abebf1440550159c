"""``batch --report``: what is on the page, that nothing on it comes from outside, and how a browser shows it."""

from __future__ import annotations

import errno
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime import Quad, Reading, load_picture
from edge_runtime.batch.report import ReportBuilder
from edge_runtime.batch.rows import Row
from tests.conftest import Run, one_line

BOX = Quad.upright(60, 80, 260, 160)
NASTY = '<script>alert("1")</script> & \u202e\n\udcff.png'


def row(path: str, confidence: float, accepted: bool, text: str = "314") -> Row:
    digits = tuple(int(char) for char in text)
    return Row.of(path, [Reading(text, digits, (confidence,) * len(text), confidence, accepted, BOX)], 1.0)


class Elements(HTMLParser):
    """Every element's name and attributes, and the text, pieces parted by |."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += f"{data}|"

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def page_of(builder: ReportBuilder, folder: Path, title: str = "scans") -> Elements:
    return Elements(builder.write(folder, title=title, load=load_picture).read_text("utf-8"))


def test_the_least_certain_come_first_and_their_number_is_bounded(tmp_path: Path, picture: Path) -> None:
    builder = ReportBuilder(uncertain=5)
    confidences = [0.99, 0.2, 0.91, 0.7, 0.4, 0.95, 0.3, 0.92]
    for confidence in confidences:
        builder.add(row(str(picture), confidence, confidence > 0.5))
    page = page_of(builder, tmp_path / "out")
    assert re.findall(r"(\d+\.\d)% ", page.text) == ["20.0", "30.0", "40.0", "70.0", "91.0"]
    assert "5 of 8." in page.text
    assert len(list((tmp_path / "out" / "pictures").iterdir())) == 5


def test_counts_and_confidences_tell_all_rows(tmp_path: Path) -> None:
    builder = ReportBuilder()
    for number in range(1000):
        builder.add(row("none.png", number / 1000, number >= 500))
    builder.add(row("none.png", 1.0, True))
    for number in range(300):
        builder.add(Row.failed(f"{number}.png", f"{number}.png: broken"))
        builder.add(Row.of(f"{number}.png", [], 1.0))
    page = page_of(builder, tmp_path)
    for words in ("1,601|pictures", "501|read", "500|unsure", "300|empty", "300|error", "200 of 300"):
        assert words in page.text
    steps = re.findall(r"([0-9.]+) to ([0-9.]+)\|(\d+)\|(\d+)", page.text)
    assert steps[0] == ("0.999", "1", "2", "0") and steps[-1] == ("0", "0.5", "0", "500")
    assert sum(int(count) for step in steps for count in step[2:]) == 1001
    assert "no longer there" in page.text


def test_small_pictures_have_the_boxes_drawn(tmp_path: Path, page: np.ndarray) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(cv2.imencode(".png", cv2.resize(page, None, fx=5, fy=5))[1].tobytes())
    builder = ReportBuilder()
    reading = row("", 0.3, False).readings[0]
    builder.add(Row.of(str(large), [Reading(reading.text, (3, 1, 4), (0.3,) * 3, 0.3, False, BOX.scaled(5))], 1.0))
    page_of(builder, tmp_path / "out")
    (small,) = (tmp_path / "out" / "pictures").iterdir()
    pixels = load_picture(small).pixels
    assert max(pixels.shape) <= 480
    scale = pixels.shape[1] / page.shape[1]
    height = BOX.height  # the line stands a little outside the box
    at = pixels[int(120 * scale), int((60 - 0.2 * height) * scale) : int(60 * scale) + 1].astype(int)
    assert (at[:, 2] - at[:, 0]).max() > 100, "the box's left side, orange"


def test_every_text_is_escaped_and_nothing_comes_from_outside(tmp_path: Path) -> None:
    builder = ReportBuilder()
    builder.add(row(NASTY, 0.5, True))
    builder.add(Row.of("p", [], 1.0, note=NASTY))
    builder.add(Row.failed(NASTY, f"{NASTY}: broken"))
    page = page_of(builder, tmp_path, title=NASTY)
    assert not {"script", "link", "iframe", "object", "base", "form", "a"} & {name for name, _ in page.elements}
    assert page.text.count('<script>alert("1")</script>') >= 3
    assert "\u202e" not in page.text and "\\u202e\\n\\udcff.png" in page.text
    for name, attributes in page.elements:
        assert not [key for key in attributes if key.startswith("on")], name
    source = (tmp_path / "index.html").read_text("utf-8")
    assert "http" not in source and "@import" not in source and "url(" not in source


def test_a_second_report_leaves_nothing_of_the_first(tmp_path: Path, picture: Path) -> None:
    for count in (3, 1):
        builder = ReportBuilder()
        for _ in range(count):
            builder.add(row(str(picture), 0.4, True))
        page = page_of(builder, tmp_path / "out")
        assert len(page.all("img")) == count == len(list((tmp_path / "out" / "pictures").iterdir()))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["index.html", "pictures"]


def test_batch_writes_a_report_of_all_rows_and_does_not_read_it(
    run: Run, tmp_path: Path, picture: Path, blank: Path, broken: Path
) -> None:
    output, report = tmp_path / "rows.csv", tmp_path / "report"
    for _ in range(2):  # the second finds all rows done
        result = run("batch", tmp_path, "--output", output, "--resume", "--report", report)
        assert result.exit_code == 1
        assert "3 files" in result.stderr and str(report / "index.html") in result.stderr
        page = Elements((report / "index.html").read_text("utf-8"))
        assert "|3|pictures" in page.text and "broken.png: is not a picture" in page.text
        for attributes in page.all("img"):
            assert (report / str(attributes["src"])).is_file()
    assert "3 of them from before" in result.stderr


def test_a_page_of_another_program_is_replaced_only_when_asked(run: Run, tmp_path: Path, picture: Path) -> None:
    page = tmp_path / "site" / "index.html"
    page.parent.mkdir()
    page.write_text("<h1>My own page</h1>", "utf-8")
    command = ("batch", picture.parent, "--pattern", picture.name, "--output", tmp_path / "rows.csv")
    for options in ((), ("--resume",)):
        result = run(*command, "--report", page.parent, *options)
        assert result.exit_code == 2 and f"{page}: exists already; it is no report" in one_line(result.stderr)
        assert page.read_text("utf-8") == "<h1>My own page</h1>" and not (tmp_path / "rows.csv").exists()
    assert run(*command, "--report", page.parent, "--overwrite").exit_code == 0
    assert run(*command, "--report", page.parent, "--resume").exit_code == 0
    assert "My own page" not in page.read_text("utf-8")


def test_a_weak_reading_beside_a_sure_one_counts(tmp_path: Path, picture: Path) -> None:
    builder = ReportBuilder(uncertain=1)
    builder.add(row(str(picture), 0.9, True))
    weak = Reading("49", (4, 9), (0.6, 0.6), 0.62, False, BOX)
    sure = Reading("308", (3, 0, 8), (0.99,) * 3, 0.99, True, BOX)
    builder.add(Row.of(str(picture), [sure, weak], 1.0))
    text = page_of(builder, tmp_path / "out").text
    assert "|308|" in text and "not accepted: 49 62.0%" in text


def test_a_report_that_cannot_be_written_is_refused_before_any_picture_is_read(
    run: Run, tmp_path: Path, picture: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    result = run("batch", tmp_path, "--report", tmp_path / "file" / "report")
    assert result.exit_code == 1 and result.stdout == "" and "file" in one_line(result.stderr)
    assert run("batch", tmp_path, "--report", tmp_path).exit_code == 2


def test_a_full_disk_under_the_report_leaves_the_rows(
    run: Run, tmp_path: Path, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ReportBuilder, "write", full)
    output = tmp_path / "out" / "rows.jsonl"
    output.parent.mkdir()
    result = run("batch", picture.parent, "--output", output, "--report", tmp_path / "out" / "report")
    assert result.exit_code == 1 and "the rows are complete" in result.stderr and "No space left" in result.stderr
    assert len(output.read_text("utf-8").splitlines()) >= 1


BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome-headless-shell")


@pytest.mark.slow
def test_a_browser_shows_the_page(tmp_path: Path, page_png: bytes) -> None:
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        pytest.skip(f"no browser here: one of {', '.join(BROWSERS)} is needed (Debian: chromium-headless-shell)")
    builder = ReportBuilder()
    for number in range(9):
        path = tmp_path / f"{number} & <b>.png"
        path.write_bytes(page_png)
        builder.add(row(str(path), 0.1 + number / 10, number > 3))
    builder.add(Row.failed(NASTY, f"{NASTY}: broken"))
    page = builder.write(tmp_path / "out", title="Look through", load=load_picture)
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=1000,1400"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--blink-settings=preferredColorScheme=1"]
    shot = tmp_path / "shot.png"
    subprocess.run([*command, f"--screenshot={shot}", page.as_uri()], check=True, capture_output=True, timeout=120)
    pixels = load_picture(shot).pixels
    assert pixels.shape == (1400, 1000, 3)
    whole = pixels.reshape(-1, 3).astype(int)
    for name, bgr in {"read": (0x4C, 0x8A, 0x1F), "unsure": (0x0D, 0x73, 0xD9), "paper": (255, 255, 255)}.items():
        share = (np.abs(whole - bgr).max(axis=1) < 12).mean()
        assert share > (0.1 if name == "paper" else 0.0003), f"{name}: {share:.4f} of the page"
    dumped = subprocess.run(
        [*command, "--dump-dom", page.as_uri()], check=True, capture_output=True, timeout=120
    ).stdout.decode("utf-8", "replace")
    shown = Elements(dumped)
    assert len(shown.all("img")) == 9 and not shown.all("script")
