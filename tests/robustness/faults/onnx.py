"""Model files changed byte by byte, with nothing but the protobuf encoding of ONNX: no library for models is needed.

Fields are those of onnx.proto: ModelProto.metadata_props is 14, ModelProto.graph is 7.
"""

from __future__ import annotations

from typing import Final

from edge_runtime.recognition.contract import METADATA_KEY

_GRAPH: Final = 7
_METADATA: Final = 14
_FLOAT: Final = 1  # TensorProto.FLOAT


def with_metadata(data: bytes, document: bytes, key: str = METADATA_KEY) -> bytes:
    """The model with another document under the key; what it had there before gets another key."""
    hidden = METADATA_KEY.encode().replace(b"_", b"-")
    entry = _text(1, key.encode()) + _text(2, document)
    return data.replace(_text(1, METADATA_KEY.encode()), _text(1, hidden)) + _text(_METADATA, entry)


def another_model() -> bytes:
    """A sound ONNX file that has nothing to do with digits: y = x, float [2]."""
    node = _text(1, b"x") + _text(2, b"y") + _text(4, b"Identity")
    graph = _text(1, node) + _text(2, b"same") + _text(11, _vector(b"x")) + _text(12, _vector(b"y"))
    opset = _number(2, 17)
    return _number(1, 8) + _text(_GRAPH, graph) + _text(8, opset)


def _vector(name: bytes) -> bytes:
    """ValueInfoProto: float [2]."""
    shape = _text(1, _number(1, 2))
    return _text(1, name) + _text(2, _text(1, _number(1, _FLOAT) + _text(2, shape)))


def _text(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])
