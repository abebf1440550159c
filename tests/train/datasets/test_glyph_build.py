"""Fonts into banks: which faces are refused, what a bank keeps, and the commands."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.train.test_cli import run
from train.core.errors import DataError
from train.datasets.glyph_bank import DIGITS, Face, load_glyphs, save_glyphs
from train.datasets.glyph_build import COLUMNS, pack, read_recipes, twin, why_not
from train.datasets.glyph_render import Glyph, RenderedFace


def drawn(name: str, thickness: int, digits: str = DIGITS) -> RenderedFace:
    """A face drawn with OpenCV's own lettering, standing for one rendered from a font."""
    glyphs = {}
    for digit in digits:
        picture = np.zeros((40, 30), np.uint8)
        cv2.putText(picture, digit, (3, 36), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 1)
        picture = cv2.dilate(picture, np.ones((thickness, thickness), np.uint8))
        glyphs[digit] = Glyph(picture, 1, 36, 32.5)
    return RenderedFace(Face(name, name, "MIT", "sans", "none 1"), 52.0, glyphs)


def test_faces_that_cannot_be_used_are_refused() -> None:
    assert why_not(drawn("whole", 4)) == ""
    assert "lacks 789" in why_not(drawn("part", 4, "0123456"))
    same = drawn("same", 4)
    same.glyphs["3"] = same.glyphs["8"]
    assert "same picture" in why_not(same)
    faint = drawn("faint", 4)
    faint.glyphs["5"] = Glyph(np.full((4, 4), 17, np.uint8), 0, 4, 5.0)
    assert "5 hardly" in why_not(faint)
    assert "thin" in twin(drawn("copy", 2), [drawn("bold", 6), drawn("thin", 2)])
    assert twin(drawn("bold", 6), [drawn("thin", 2)]) == ""


def test_pack_and_save_keep_everything(tmp_path: Path) -> None:
    rendered = [drawn("thin", 2), drawn("bold", 6)]
    for name in ("one.npz", "two.npz"):
        save_glyphs(pack(rendered), tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    loaded = load_glyphs(tmp_path / "one.npz")
    assert loaded.faces == tuple(face.face for face in rendered)
    for index, face in enumerate(rendered):
        assert not loaded.has(index, "A")
        for digit, glyph in face.glyphs.items():
            assert np.array_equal(loaded.glyph(index, digit), glyph.pixels)
            assert loaded.metrics(index, digit) == (1, 36, 32.5)
    assert loaded.ems.tolist() == [52.0, 52.0]


def test_a_bad_list_of_faces_is_named(tmp_path: Path) -> None:
    faces = tmp_path / "faces.csv"
    faces.write_text(",".join(COLUMNS) + "\nA.ttf,A,A,gothic,MIT,none 1,no,\n")
    with pytest.raises(DataError, match="row 2"):
        read_recipes(faces)
    with pytest.raises(DataError, match=r"nothing\.csv"):
        read_recipes(tmp_path / "nothing.csv")


# The commands, on fonts that Matplotlib ships.


@pytest.fixture
def fonts() -> Path:
    pytest.importorskip("PIL")
    matplotlib = pytest.importorskip("matplotlib")
    return Path(matplotlib.get_data_path()) / "fonts" / "ttf"


def test_a_listed_face_is_built_as_it_is_in_the_repositorys_bank(fonts: Path, tmp_path: Path) -> None:
    faces, out = tmp_path / "faces.csv", tmp_path / "bank.npz"
    rows = [
        "DejaVuSans.ttf,DejaVu Sans,DejaVu Sans,sans,Bitstream Vera,none 1,yes,",
        "STIXSizOneSymReg.ttf,Symbols,STIX,sans,OFL-1.1,none 1,no,",
        "NoSuch.ttf,Absent,Absent,sans,MIT,none 1,no,",
    ]
    faces.write_text("\n".join([",".join(COLUMNS), *rows]))
    result = run("glyphs", "build", "--fonts", fonts, "--faces", faces, "--out", out)
    assert (result.exit_code, result.stdout.strip()) == (1, str(out))
    assert "Symbols (STIXSizOneSymReg.ttf): refused" in result.stderr
    assert "Absent (NoSuch.ttf): refused, no such file" in result.stderr
    built, bank = load_glyphs(out), load_glyphs()
    committed = [face.name for face in bank.faces].index("DejaVu Sans")
    for char in DIGITS + ".-A":
        assert np.array_equal(built.glyph(0, char), bank.glyph(committed, char)), char
        assert built.metrics(0, char) == bank.metrics(committed, char), char
    assert "DejaVu Sans" in (tmp_path / "GLYPHS.md").read_text()


def test_every_font_of_a_folder_is_built_and_drawn(fonts: Path, tmp_path: Path) -> None:
    own, out, sheet = tmp_path / "own", tmp_path / "own.npz", tmp_path / "sheet.png"
    own.mkdir()
    for name in ("DejaVuSans.ttf", "DejaVuSansMono-Bold.ttf"):
        shutil.copy(fonts / name, own)
    (own / "broken.ttf").write_bytes(b"no font")
    result = run("glyphs", "build", "--fonts", own, "--style", "mono", "--out", out)
    assert result.exit_code == 1 and "broken.ttf: not a font that can be opened" in result.stderr
    faces = load_glyphs(out).faces
    assert [(face.name, face.style) for face in faces] == [
        ("DejaVu Sans Book", "mono"),
        ("DejaVu Sans Mono Bold", "mono"),
    ]
    assert run("glyphs", "preview", "--bank", out, "--out", sheet).exit_code == 0
    picture = cv2.imread(str(sheet), cv2.IMREAD_GRAYSCALE)
    assert picture is not None and (picture < 128).sum() > 1000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "--fonts", "{}", "--out", "{}/bank.npz"], "no font file in it; name a folder with .ttf"),
        (["build", "--fonts", "{}", "--out", "{}/bank.zip"], "bank.zip: a bank is an .npz file"),
        (["preview", "--bank", "{}/no.npz", "--out", "{}/sheet.png"], "no.npz: no glyph bank"),
        (["preview", "--start", "9999", "--out", "{}/sheet.png"], "no face at 9999; the bank has 701"),
        (["preview", "--count", "1", "--out", "{}/no/sheet.png"], "sheet.png: No such file or directory"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = run("glyphs", *(text.format(tmp_path) for text in arguments))
    assert result.exit_code == 1 and said in result.stderr and result.stderr.count("\n") == 1
