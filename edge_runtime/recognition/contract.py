"""What a model takes, gives and says of itself: the one definition, for training, export and runtime.

A model reads one *strip*: a 28×140 grey picture of a number of up to five digits, ink bright on a
dark ground, as raw ``uint8``. It answers with five heads (slots), each a probability over the ten
digits and blank. A shorter number is padded with blanks on the left; no number is five blanks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from edge_runtime.core.errors import ModelError

CONTRACT_VERSION: Final = 1
STRIP_HEIGHT: Final = 28  # pixels
STRIP_WIDTH: Final = 140  # pixels
SLOTS: Final = 5
ALPHABET: Final = "0123456789"
BLANK: Final = len(ALPHABET)
CLASSES: Final = len(ALPHABET) + 1
INPUT_NAME: Final = "strip"
OUTPUT_NAMES: Final = tuple(f"digit{slot}" for slot in range(1, SLOTS + 1))
BATCH_SYMBOL: Final = "N"
METADATA_KEY: Final = "edge_digits"
METADATA_MAX_BYTES: Final = 64 * 1024
NAME_MAX_LENGTH: Final = 200  # characters


@dataclass(frozen=True)
class ModelSpec:
    """The JSON document inside a model file; validated when it is made.

    ``temperature`` divides the logits of every head before the confidence is formed;
    a reading whose confidence is below ``reject_threshold`` is not accepted.
    ``accuracy``, ``training`` and ``hashes`` are for people and reports; the runtime does not act on them.
    """

    name: str
    strip_version: int
    temperature: float = 1.0
    reject_threshold: float = 0.5
    contract_version: int = CONTRACT_VERSION
    alphabet: str = ALPHABET
    blank: int = BLANK
    strip_height: int = STRIP_HEIGHT
    strip_width: int = STRIP_WIDTH
    slots: int = SLOTS
    polarity: str = "bright-on-dark"
    padding: str = "left"
    training: Mapping[str, Any] = field(default_factory=dict)
    accuracy: Mapping[str, Any] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ``ModelError`` where a value is not what this version of the runtime can serve."""
        fixed = {
            "contract_version": CONTRACT_VERSION,
            "alphabet": ALPHABET,
            "blank": BLANK,
            "strip_height": STRIP_HEIGHT,
            "strip_width": STRIP_WIDTH,
            "slots": SLOTS,
            "polarity": "bright-on-dark",
            "padding": "left",
        }
        for key, expected in fixed.items():
            got = getattr(self, key)
            if got != expected:
                raise ModelError(f"model spec: {key} is {got!r}, this runtime reads {expected!r}")
        if not _is_number(self.temperature) or not 0.05 <= self.temperature <= 20:
            raise ModelError(f"model spec: temperature is {self.temperature!r}, expected 0.05 to 20")
        if not _is_number(self.reject_threshold) or not 0 <= self.reject_threshold <= 1:
            raise ModelError(f"model spec: reject_threshold is {self.reject_threshold!r}, expected 0 to 1")
        if not isinstance(self.strip_version, int) or isinstance(self.strip_version, bool):
            raise ModelError(f"model spec: strip_version is {self.strip_version!r}, expected a whole number")
        # What is only shown must be fit to be shown: a file from elsewhere may write to a terminal through its name.
        if not isinstance(self.name, str) or len(self.name) > NAME_MAX_LENGTH or not self.name.isprintable():
            raise ModelError(
                f"model spec: name is {str(self.name)[:40]!r}, expected up to {NAME_MAX_LENGTH} printable letters"
            )
        for key in ("training", "accuracy", "hashes"):
            if not isinstance(getattr(self, key), Mapping):
                raise ModelError(f"model spec: {key} is a {type(getattr(self, key)).__name__}, expected an object")

    def to_json(self) -> str:
        """The document as it stands in the ONNX file's ``metadata_props``."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, document: str) -> ModelSpec:
        """Parse and validate; raise ``ModelError`` naming what is wrong."""
        if len(document) > METADATA_MAX_BYTES:
            raise ModelError(f"model spec: {len(document)} characters, at most {METADATA_MAX_BYTES} are read")
        try:
            values = json.loads(document)
        except (ValueError, RecursionError) as error:
            raise ModelError(f"model spec is not JSON: {error}") from None
        if not isinstance(values, dict):
            raise ModelError(f"model spec is a JSON {type(values).__name__}, expected an object")
        known = {item.name for item in fields(cls)}
        missing = sorted({"name", "strip_version", "contract_version"} - set(values))
        unknown = sorted(set(values) - known)
        if missing or unknown:
            raise ModelError(f"model spec: missing keys {missing}, unknown keys {unknown}")
        return cls(**values)


def encode_label(text: str) -> tuple[int, ...]:
    """Digits -> the classes of the five slots, blanks on the left. ``"42"`` -> ``(10, 10, 10, 4, 2)``."""
    if len(text) > SLOTS or any(char not in ALPHABET for char in text):
        raise ValueError(f"label {text!r}: expected 0 to {SLOTS} digits")
    return (BLANK,) * (SLOTS - len(text)) + tuple(ALPHABET.index(char) for char in text)


def decode_classes(classes: Sequence[int]) -> str:
    """Classes of the five slots -> digits; blanks are left out wherever they stand."""
    return "".join(ALPHABET[int(index)] for index in classes if int(index) != BLANK)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
