"""Fault: model files that were changed, cut, exchanged, or say hostile things of themselves."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

import edge_runtime
from edge_runtime import DigitModel, ModelError
from edge_runtime.recognition.contract import METADATA_MAX_BYTES, STRIP_HEIGHT, STRIP_WIDTH
from edge_runtime.recognition.model_files import BUNDLED, MODEL_FOLDER, SUMS_FILE, read_bundled
from tests.robustness.onnx import another_model, with_metadata
from tests.robustness.outcome import SHOWN, Outcome, Say, child_environment, edge_digits

BYTES_CHANGED: Final = 400  # of each model of the package
QUICK_BYTES_CHANGED: Final = 20
_SEED: Final = 3
_TIMEOUT_S: Final = 600

Made = tuple[str, bytes]  # a name that says what was done, and the file


def run(quick: bool, say: Say) -> Outcome:
    """The package's models altered; a user's model altered; the whole package altered and started."""
    count = QUICK_BYTES_CHANGED if quick else BYTES_CHANGED
    wrong: list[str] = []
    counts: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        say("models: those of the package, one byte changed")
        counts["package_models"], problems = _change_package_models(place, count)
        wrong += problems
        say("models: a file of the user's, cut, exchanged, of another contract, hostile")
        counts["user_models"], problems = _refuse_user_models(place)
        wrong += problems
        say("models: a file of the user's, random bytes changed")
        counts["user_models_one_byte"], problems = _flip_user_model(place, count)
        wrong += problems
        say("models: an altered package, started")
        counts["altered_packages"], problems = _start_altered_packages(place)
        wrong += problems
    counts["kinds"] = sum(counts["user_models"].values()) + 2
    done = (
        "Models of the package with one byte changed, or cut: refused by their hash. A user's file that is cut, "
        "empty, another model, of another contract, or has hostile metadata: refused by name; with one byte changed it "
        "is refused where SHA256SUMS beside it has its hash. Without, changed weights cannot be told from another "
        "training, and must be refused or answer within the contract. "
        "A copy of the package with an altered model: edge-digits ends with one line and exit code 1."
    )
    return Outcome(done, counts, tuple(wrong))


def altered(data: bytes) -> Iterator[Made]:
    """A user's model made unfit in every way that the reader must refuse."""
    yield "empty", b""
    yield from ((f"cut at {share:.1%}", data[: int(len(data) * share)]) for share in (0.001, 0.2, 0.5, 0.9, 0.999))
    yield "zeros", bytes(len(data))
    yield "text", b"This is not a model.\n" * 50
    yield "another model", another_model()
    yield "another model that claims to be ours", with_metadata(another_model(), _spec())
    yield "another name of an output", data.replace(b"digit3", b"digitX")
    yield "another name of the input", data.replace(b"strip", b"image")
    yield "no metadata", with_metadata(data, b"{}", "another_key")
    yield from ((name, with_metadata(data, document)) for name, document in hostile_documents(_spec()))


def hostile_documents(spec: bytes) -> Iterator[Made]:
    """Metadata that lies, has the wrong types, or is made to hurt whoever parses it."""
    values = json.loads(spec)
    changes: Mapping[str, Any] = {
        "contract_version": 2,
        "slots": 6,
        "alphabet": "abcdefghij",
        "blank": 0,
        "strip_height": 10**9,
        "strip_version": 99,
        "polarity": "dark-on-bright",
        "temperature": float("nan"),
        "reject_threshold": -1,
        "name": ["a", "list"],
        "training": "text",
        "accuracy": [1, 2],
        "hashes": 3,
        "unknown": 1,
    }
    yield from ((f"{key} is {value!r}", json.dumps({**values, key: value}).encode()) for key, value in changes.items())
    yield "temperature is infinite", json.dumps({**values, "temperature": float("inf")}).encode()
    yield "temperature is 0", json.dumps({**values, "temperature": 0}).encode()
    yield "strip_version is true", json.dumps({**values, "strip_version": True}).encode()
    yield "a name that would write on the terminal", json.dumps({**values, "name": "\x1b[2J\x07"}).encode()
    yield "a name of 10,000 letters", json.dumps({**values, "name": "a" * 10_000}).encode()
    yield "a number of 20,000 digits", spec[:-1] + b', "strip_version": ' + b"9" * 20_000 + b"}"
    yield "not JSON", spec[:-5]
    yield "a list", b"[1, 2, 3]"
    yield "null", b"null"
    yield "nested too deep", b'{"a":' * 10_000
    yield "lists nested too deep", b"[" * 30_000
    yield "larger than is read", b" " * (METADATA_MAX_BYTES + 1) + spec
    yield "a megabyte", b'{"name": "' + b"a" * 1_000_000 + b'"}'
    yield "not UTF-8", b'{"name": "\xff\xfe"}'
    yield "empty text", b""


def refusal(path: Path) -> str | None:
    """What ``DigitModel`` says against the file when it is asked for its spec and for an answer; None: it reads."""
    try:
        model = DigitModel(path)
        assert model.spec
        answers = model.probabilities(np.zeros((1, STRIP_HEIGHT, STRIP_WIDTH), np.uint8))
    except ModelError as error:
        return str(error)
    return None if bool(np.isfinite(answers).all()) else "no finite answers"


def _change_package_models(place: Path, count: int) -> tuple[dict[str, int], list[str]]:
    folder = place / "package"
    shutil.copytree(MODEL_FOLDER, folder)
    chance = random.Random(_SEED)
    tried: Counter[str] = Counter()
    wrong = []
    for name in BUNDLED.values():
        data = (folder / name).read_bytes()
        if read_bundled(folder / name) != data:
            wrong.append(f"{name}: the sound file is not read")
        changes = [_one_byte(data, chance) for _ in range(count)]
        changes += [("cut", data[: chance.randrange(len(data))]) for _ in range(10)] + [("longer", data + b"\0")]
        for kind, content in changes:
            (folder / name).write_bytes(content)
            tried[kind] += 1
            wrong += _must_refuse(f"{name}, {kind}", name, partial(read_bundled, folder / name))
        (folder / name).write_bytes(data)
    names = list(BUNDLED.values())
    shutil.copyfile(folder / names[0], folder / names[1])
    tried["one for another"] += 1
    wrong += _must_refuse("one model in another's place", names[1], partial(read_bundled, folder / names[1]))
    return dict(tried), wrong[:SHOWN]


def _refuse_user_models(place: Path) -> tuple[dict[str, int], list[str]]:
    path = place / "users.onnx"
    wrong = []
    data = _sound_model()
    path.write_bytes(data)
    if refusal(path) is not None:
        wrong.append(f"the sound model is refused: {refusal(path)}")
    count = 0
    for name, content in altered(data):
        path.write_bytes(content)
        count += 1
        wrong += _must_refuse(name, path.name, partial(_read_or_raise, path))
    path.with_name(SUMS_FILE).write_text(f"{hashlib.sha256(data).hexdigest()}  {path.name}\n", "utf-8")
    path.write_bytes(_one_byte(data, random.Random(_SEED))[1])
    count += 1
    wrong += _must_refuse("one byte, with its hash beside it", path.name, partial(_read_or_raise, path))
    return {"refused": count - len(wrong), "not_refused": len(wrong)}, wrong


def _flip_user_model(place: Path, count: int) -> tuple[dict[str, int], list[str]]:
    """In a process of its own, for a library in C++ has the bytes."""
    script = f"from benchmarks.faults_models import flip_and_read; flip_and_read({str(place)!r}, {count})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=child_environment(), timeout=_TIMEOUT_S
    )
    if done.returncode != 0:
        return {}, [f"the process ended with {done.returncode}: {done.stderr.strip()[-300:]}"]
    found: dict[str, int] = json.loads(done.stdout)
    return found, []


def flip_and_read(place: str, count: int) -> None:
    """Print, as JSON, how many models with one changed byte were refused and how many answer within the contract."""
    chance = random.Random(_SEED)
    data = _sound_model()
    path = Path(place) / "flipped.onnx"
    found: Counter[str] = Counter()
    for index in range(count):
        changed = bytearray(data)
        first_bytes = 4_000 if index % 2 else len(data)  # half of them in the graph's head, where structure is
        changed[chance.randrange(min(first_bytes, len(data)))] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        found["answers" if refusal(path) is None else "refused"] += 1
    print(json.dumps(found))


def _start_altered_packages(place: Path) -> tuple[dict[str, int], list[str]]:
    """The command line on a copy of the package, with one model altered at a time."""
    home = place / "altered"
    package = Path(edge_runtime.__file__).parent
    shutil.copytree(package, home / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    chance = random.Random(_SEED)
    wrong = []
    for model, name in BUNDLED.items():
        path = home / package.name / "models" / name
        data = path.read_bytes()
        path.write_bytes(_one_byte(data, chance)[1])
        wrong += [f"{name}: {problem}" for problem in _start(home, model, name)]
        path.write_bytes(data)
    return {"refused": len(BUNDLED) - len(wrong), "not_refused": len(wrong)}, wrong


def _start(home: Path, model: str, name: str) -> list[str]:
    environment = child_environment(EDGE_DIGITS_MODEL=model) | {"PYTHONPATH": str(home)}
    done = subprocess.run(
        edge_digits("info"), cwd=home, capture_output=True, text=True, env=environment, timeout=_TIMEOUT_S
    )
    told = [line for line in (done.stdout + done.stderr).splitlines() if name in line and "sha256" in line]
    problems = [] if done.returncode == 1 else [f"info ended with {done.returncode}, expected 1"]
    problems += [] if told else ["info does not name the file and its hash"]
    return problems + (["it shows a stack of calls"] if "Traceback" in done.stderr else [])


def _must_refuse(what: str, file_name: str, read: Callable[[], object]) -> list[str]:
    try:
        read()
    except ModelError as error:
        return [] if file_name in str(error) else [f"{what}: the refusal does not name the file: {error}"]
    except Exception as error:  # anything else than our own error is a defect, to be told by its type
        return [f"{what}: {type(error).__name__}: {str(error)[:100]}"]
    return [f"{what}: not refused"]


def _read_or_raise(path: Path) -> None:
    model = DigitModel(path)
    model.probabilities(np.zeros((1, STRIP_HEIGHT, STRIP_WIDTH), np.uint8))


def _sound_model() -> bytes:
    return (MODEL_FOLDER / BUNDLED["fp32"]).read_bytes()


def _spec() -> bytes:
    return DigitModel("fp32").spec.to_json().encode()


def _one_byte(data: bytes, chance: random.Random) -> Made:
    changed = bytearray(data)
    changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return "one bit of one byte", bytes(changed)
