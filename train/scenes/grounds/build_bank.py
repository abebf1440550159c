"""Pictures of free packages -> the background bank and BACKGROUNDS.md.

``python -m train.scenes.grounds.build_bank --pictures FOLDER`` cuts what ``train/data/background_sources.csv`` lists:

``file``     the end of the picture's path, found anywhere below the folder
``crops``    how many crops are cut from it
``author``   as the package names them
``licence``  of the picture
``source``   package and version that the file came from
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from train.core.errors import DataError

from .bank import DATA, DEFAULT, SIDE, save_backgrounds

COLUMNS: Final = ("file", "crops", "author", "licence", "source")
_QUALITY: Final = 72  # of the JPEGs; scenes are blurred and packed again
_SUFFIXES: Final = (".jpg", ".jpeg", ".png")


def read_sources(path: Path) -> list[dict[str, str]]:
    """The list of pictures; raises ``DataError`` naming the row that cannot be used."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    for number, row in enumerate(rows, start=2):
        if tuple(row) != COLUMNS or None in row.values() or not row["crops"].isdigit() or not row["licence"]:
            raise DataError(f"{path}: row {number}: needs {COLUMNS}, a number of crops and a licence")
    return rows


def cut(picture: NDArray[np.uint8], count: int, rng: np.random.Generator) -> list[NDArray[np.uint8]]:
    """``count`` square crops of different sizes and places, each 320 pixels wide and high."""
    crops = []
    least = min(picture.shape[:2])
    for _ in range(count):
        side = least if count == 1 else int(least * rng.uniform(0.25, 1.0))
        side = min(side, least)
        y, x = (int(rng.integers(length - side + 1)) for length in picture.shape[:2])
        how = cv2.INTER_AREA if side > SIDE else cv2.INTER_CUBIC
        crops.append(cv2.resize(picture[y : y + side, x : x + side], (SIDE, SIDE), interpolation=how))
    return crops


def build(pictures: Path, sources: Path, out: Path) -> int:
    """Cut every listed picture, write the bank and BACKGROUNDS.md beside it; 1 where a picture was missing."""
    files = [path for path in sorted(pictures.rglob("*")) if path.suffix.lower() in _SUFFIXES and not path.is_symlink()]
    rows, jpegs, names, missing = read_sources(sources), [], [], 0
    for number, row in enumerate(rows):
        found = next((path for path in files if path.as_posix().endswith("/" + row["file"])), None)
        picture = None if found is None else cv2.imread(str(found), cv2.IMREAD_COLOR)
        if picture is None:
            missing += 1
            print(f"{row['file']}: no such picture below {pictures}", file=sys.stderr)
            continue
        for crop in cut(np.asarray(picture, np.uint8), int(row["crops"]), np.random.default_rng(number)):
            jpegs.append(
                np.asarray(cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1], np.uint8).ravel()
            )
            names.append(row["file"])
    if not jpegs:
        raise DataError(f"{pictures}: none of the {len(rows)} listed pictures is there; see BACKGROUNDS.md")
    save_backgrounds(jpegs, names, out)
    out.with_name("BACKGROUNDS.md").write_text(table(rows, len(jpegs)), encoding="utf-8")
    print(f"{out}: {len(jpegs)} crops, {out.stat().st_size / 1e6:.2f} MB; {missing} pictures missing", file=sys.stderr)
    return 1 if missing else 0


def table(rows: list[dict[str, str]], crops: int) -> str:
    """BACKGROUNDS.md: what it is, how to build it again, and every picture with author and licence."""
    licences = Counter(row["licence"] for row in rows)
    lines = [
        "# backgrounds.npz",
        "",
        f"{crops} crops, 320×320 pixels, JPEG, of {len(rows)} photographs and surfaces without digits or letters;",
        "`train/scenes/grounds/bank.py` reads it. Every picture is under a licence that allows this, which covers",
        "this file alone; licence texts are in the packages named below.",
        "Crops of pictures under CC BY-SA stay under CC BY-SA.",
        "Changed: cut, scaled, packed as JPEG.",
        "",
        "By licence: " + ", ".join(f"{name} {count}" for name, count in sorted(licences.items())) + ".",
        "",
        "To build it again, unpack the packages below into one folder, then run",
        "`python -m train.scenes.grounds.build_bank --pictures FOLDER`; its list is `background_sources.csv`.",
        "",
        "| picture | author | licence | package |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {row['file']} | {row['author'].replace('|', '/')} | {row['licence']} | {row['source']} |" for row in rows
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """The command; exit codes: 0 good, 1 a picture was missing, 2 usage."""
    parser = argparse.ArgumentParser(
        prog="python -m train.scenes.grounds.build_bank", description="Cut the background bank."
    )
    parser.add_argument("--pictures", type=Path, required=True, help="folder of pictures, searched recursively")
    parser.add_argument("--sources", type=Path, default=DATA / "background_sources.csv", help="the list of pictures")
    parser.add_argument("--out", type=Path, default=DEFAULT, help="bank to write; BACKGROUNDS.md goes beside it")
    options = parser.parse_args(arguments)
    try:
        return build(options.pictures, options.sources, options.out)
    except DataError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
