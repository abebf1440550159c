"""The glyph bank: what is in it, that its labels are right, and what is said when it is damaged."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge_runtime.core.errors import EdgeDigitsError
from train.datasets import build_glyphs as glyph_build
from train.datasets.glyph_bank import (
    DATA,
    DEFAULT,
    DIGIT_HEIGHT,
    DIGITS,
    LETTERS,
    STYLES,
    Face,
    GlyphBank,
    GlyphBankError,
    load_glyphs,
    main,
    save_glyphs,
)

OPEN_LICENCES = {
    "OFL-1.0", "OFL-1.1", "Apache-2.0", "UFL-1.0", "MIT", "Unlicense", "CC0-1.0", "BSD-3-clause", "Bitstream Vera",
    "public domain", "BSD-3-clause or OFL-1.1", "OFL-1.1 or BSD-3-clause",
}  # fmt: skip
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bank() -> GlyphBank:
    return load_glyphs()


def index_of(bank: GlyphBank, name: str) -> int:
    return [face.name for face in bank.faces].index(name)


def test_counts_and_styles(bank: GlyphBank) -> None:
    assert len(bank) >= 650
    assert len(bank.faces_of("handwriting", "school", "script")) >= 220
    assert len(bank.faces_of("segment")) >= 20
    assert len(bank.faces_with(LETTERS)) >= 150
    assert len(bank.faces_with(".,-:/=")) >= 600
    assert {face.style for face in bank.faces} == set(STYLES)
    assert len({face.name for face in bank.faces}) == len(bank)
    assert sum(len(bank.faces_of(style)) for style in STYLES) == len(bank)
    assert DEFAULT.stat().st_size < 8_000_000


def test_every_face_has_ten_digits_of_sensible_size(bank: GlyphBank) -> None:
    for index, face in enumerate(bank.faces):
        pictures = [bank.glyph(index, digit) for digit in DIGITS]
        heights = [picture.shape[0] for picture in pictures]
        assert abs(np.median(heights) - DIGIT_HEIGHT) <= 2, face.name
        assert min(heights) >= 14 and max(heights) <= 75, (face.name, heights)
        assert all(2 <= picture.shape[1] <= 90 for picture in pictures), face.name
        assert all(picture.dtype == np.uint8 and picture.max() >= 60 for picture in pictures), face.name
        assert all(picture[:, [0, -1]].any(axis=0).all() for picture in pictures), f"{face.name} is not cropped"


def test_digits_stand_on_their_line(bank: GlyphBank) -> None:
    for index, face in enumerate(bank.faces):
        ascent, descent, em = bank.line_metrics(index)
        assert 20 <= ascent <= 80 and 0 <= descent <= 35 and 15 < em < 250, face.name
        for digit in DIGITS:
            left, top, advance = bank.metrics(index, digit)
            assert abs(left) < 40 and top > 0 and 3 < advance < 110, (face.name, digit)
    roboto = index_of(bank, "Roboto")
    for digit in DIGITS:
        below = bank.glyph(roboto, digit).shape[0] - bank.metrics(roboto, digit).top_offset
        assert 0 <= below <= 1, digit
    assert bank.metrics(roboto, "-").top_offset > 10 > bank.metrics(roboto, ".").top_offset


def test_labels_agree_with_the_other_faces(bank: GlyphBank) -> None:
    """The picture of another family that a digit resembles most shows the same digit: no font has them mixed up."""
    shapes = np.concatenate([_squares([bank.glyph(index, digit) for digit in DIGITS]) for index in range(len(bank))])
    families = np.repeat(np.unique([face.family for face in bank.faces], return_inverse=True)[1], len(DIGITS))
    labels = np.tile(np.arange(len(DIGITS)), len(bank))
    likeness = shapes @ shapes.T
    likeness[families[:, None] == families] = -1
    right = (labels[likeness.argmax(axis=1)] == labels).reshape(len(bank), len(DIGITS))
    assert right.mean() > 0.97
    worst = int(right.sum(axis=1).argmin())
    assert right[worst].sum() >= 5, bank.faces[worst].name


def _squares(pictures: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Ten digits of a face, blurred, of zero mean and unit length; as wide as the face is, but a 1 stays narrow."""
    usual = int(np.median([picture.shape[1] for picture in pictures]))
    rows = []
    for picture in pictures:
        spare = max(usual - picture.shape[1], 0)
        padded = cv2.copyMakeBorder(picture, 0, 0, spare // 2, spare - spare // 2, cv2.BORDER_CONSTANT)
        small = cv2.GaussianBlur(cv2.resize(padded, (20, 20), interpolation=cv2.INTER_AREA), (5, 5), 1.5)
        flat = small.astype(np.float32).ravel()
        rows.append((flat - flat.mean()) / flat.std() / flat.size**0.5)
    return np.stack(rows)


def test_no_two_faces_are_the_same(bank: GlyphBank) -> None:
    looks = {tuple(bank.glyph(index, digit).tobytes() for digit in DIGITS) for index in range(len(bank))}
    assert len(looks) == len(bank)


def test_access_is_repeatable_and_read_only(bank: GlyphBank) -> None:
    again = load_glyphs()
    assert again.faces == bank.faces
    for index in range(0, len(bank), 37):
        for char in bank.characters_of(index):
            picture = bank.glyph(index, char)
            assert np.array_equal(picture, again.glyph(index, char))
            assert bank.metrics(index, char) == again.metrics(index, char)
            assert np.shares_memory(picture, bank.pixels)
    with pytest.raises(ValueError, match="read-only"):
        bank.glyph(0, "7")[0, 0] = 1


def test_absent_characters(bank: GlyphBank) -> None:
    without = next(index for index in range(len(bank)) if not bank.has(index, "A"))
    assert "A" not in bank.characters_of(without)
    assert not bank.has(without, "ж")
    assert without not in bank.faces_with("12A")
    assert bank.faces_with("1ж").size == 0
    for char in "Aж":
        with pytest.raises(GlyphBankError, match="has no"):
            bank.glyph(without, char)


def test_list_table_and_bank_agree(bank: GlyphBank) -> None:
    with (DATA / "glyph_faces.csv").open(encoding="utf-8", newline="") as stream:
        listed = [tuple(row[key] for key in ("name", "style", "licence", "source")) for row in csv.DictReader(stream)]
    held = [(face.name, face.style, face.licence, face.source) for face in bank.faces]
    lines = (DATA / "GLYPHS.md").read_text(encoding="utf-8").splitlines()
    shown = [tuple(cell.strip() for cell in line.split("|")[1:5]) for line in lines if line.startswith("| ")][1:]
    assert held == listed == shown
    assert {face.licence for face in bank.faces} <= OPEN_LICENCES
    assert all(len(face.source.split()) == 2 for face in bank.faces)


def test_damaged_banks_are_named(tmp_path: Path) -> None:
    good = DEFAULT.read_bytes()
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 0xFF
    bad = {"half.npz": good[: len(good) // 2], "empty.npz": b"", "text.npz": b"no bank", "flipped.npz": bytes(flipped)}
    for name, content in bad.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(GlyphBankError, match=name):
            load_glyphs(tmp_path / name)
    with pytest.raises(EdgeDigitsError, match=r"absent\.npz"):
        load_glyphs(tmp_path / "absent.npz")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    with pytest.raises(GlyphBankError, match=r"other\.npz"):
        load_glyphs(tmp_path / "other.npz")


def test_boxes_outside_the_pixels_are_refused(bank: GlyphBank, tmp_path: Path) -> None:
    short = GlyphBank(bank.faces, bank.columns, bank.pixels[:-1], bank.boxes, bank.advances, bank.ems)
    save_glyphs(short, tmp_path / "short.npz")
    with pytest.raises(GlyphBankError, match="outside the pixels"):
        load_glyphs(tmp_path / "short.npz")
    fewer = GlyphBank(bank.faces[:-1], bank.columns, bank.pixels, bank.boxes, bank.advances, bank.ems)
    save_glyphs(fewer, tmp_path / "fewer.npz")
    with pytest.raises(GlyphBankError, match="do not fit"):
        load_glyphs(tmp_path / "fewer.npz")


def test_reading_needs_no_font_library() -> None:
    code = "import sys, train.datasets.glyph_bank as g; g.load_glyphs(); print({'PIL', 'fontTools'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def _drawn(name: str, thickness: int, digits: str = DIGITS) -> glyph_build.RenderedFace:
    """A face drawn with OpenCV's own lettering, standing for one rendered from a font."""
    glyphs = {}
    for digit in digits:
        picture = np.zeros((40, 30), np.uint8)
        cv2.putText(picture, digit, (3, 36), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 1)
        picture = cv2.dilate(picture, np.ones((thickness, thickness), np.uint8))
        glyphs[digit] = glyph_build.Glyph(picture, 1, 36, 32.5)
    return glyph_build.RenderedFace(Face(name, name, "MIT", "sans", "none 1"), 52.0, glyphs)


def test_faces_that_cannot_be_used_are_refused() -> None:
    assert glyph_build.why_not(_drawn("whole", 4)) == ""
    assert "lacks 789" in glyph_build.why_not(_drawn("part", 4, "0123456"))
    same = _drawn("same", 4)
    same.glyphs["3"] = same.glyphs["8"]
    assert "same picture" in glyph_build.why_not(same)
    faint = _drawn("faint", 4)
    faint.glyphs["5"] = glyph_build.Glyph(np.full((4, 4), 17, np.uint8), 0, 4, 5.0)
    assert "5 hardly" in glyph_build.why_not(faint)
    assert "thin" in glyph_build.twin(_drawn("copy", 2), [_drawn("bold", 6), _drawn("thin", 2)])
    assert glyph_build.twin(_drawn("bold", 6), [_drawn("thin", 2)]) == ""


def test_pack_and_save_keep_everything(tmp_path: Path) -> None:
    rendered = [_drawn("thin", 2), _drawn("bold", 6)]
    packed = glyph_build.pack(rendered)
    for name in ("one.npz", "two.npz"):
        save_glyphs(packed, tmp_path / name)
    loaded = load_glyphs(tmp_path / "one.npz")
    assert loaded.faces == tuple(face.face for face in rendered)
    for index, face in enumerate(rendered):
        assert loaded.characters_of(index) == DIGITS
        for digit, glyph in face.glyphs.items():
            assert np.array_equal(loaded.glyph(index, digit), glyph.pixels)
            assert loaded.metrics(index, digit) == (1, 36, 32.5)
    assert loaded.line_metrics(0) == (36, 4, 52.0)


def test_build_from_font_files(bank: GlyphBank, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("PIL")
    matplotlib = pytest.importorskip("matplotlib")  # ships DejaVu Sans
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    faces = tmp_path / "faces.csv"
    header = ",".join(glyph_build.COLUMNS)
    row = "DejaVuSans.ttf,DejaVu Sans,DejaVu Sans,sans,Bitstream Vera,none 1,yes,"
    arguments = ["build", "--fonts", str(fonts), "--faces", str(faces), "--out", str(tmp_path / "bank.npz")]

    faces.write_text(f"{header}\n{row}\n")
    assert main(arguments) == 0
    built = load_glyphs(tmp_path / "bank.npz")
    committed = index_of(bank, "DejaVu Sans")
    for char in DIGITS + ".-A":
        assert np.array_equal(built.glyph(0, char), bank.glyph(committed, char)), char
        assert built.metrics(0, char) == bank.metrics(committed, char), char
    assert main(["preview", "--bank", str(tmp_path / "bank.npz"), "--out", str(tmp_path / "sheet.png")]) == 0
    sheet = cv2.imread(str(tmp_path / "sheet.png"), cv2.IMREAD_GRAYSCALE)
    assert sheet is not None and (sheet < 128).sum() > 1000

    symbols = "STIXSizOneSymReg.ttf,Symbols,STIX,sans,OFL-1.1,none 1,no,"
    faces.write_text(f"{header}\n{row}\n{symbols}\nNoSuch.ttf,Absent,Absent,sans,MIT,none 1,no,\n")
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert "Symbols (STIXSizOneSymReg.ttf): refused" in said and "Absent (NoSuch.ttf): refused" in said


def test_a_bad_list_of_faces_is_named(tmp_path: Path) -> None:
    faces = tmp_path / "faces.csv"
    faces.write_text(",".join(glyph_build.COLUMNS) + "\nA.ttf,A,A,gothic,MIT,none 1,no,\n")
    with pytest.raises(GlyphBankError, match="row 2"):
        glyph_build.read_recipes(faces)
    with pytest.raises(GlyphBankError, match=r"nothing\.csv"):
        glyph_build.read_recipes(tmp_path / "nothing.csv")
