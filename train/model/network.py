"""The five-head networks, as functional Keras models that fit ``edge_runtime.recognition.contract``.

All take raw uint8 strips [N, 28, 140, 1] and give a list of five float32 [N, 11] probabilities named
``digit1`` to ``digit5``: scaling and softmax are in the graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import keras
from keras import layers, ops

from edge_runtime.recognition.contract import CLASSES, INPUT_NAME, OUTPUT_NAMES, SLOTS, STRIP_HEIGHT, STRIP_WIDTH
from train.core.errors import RunError
from train.core.run_folder import MODEL_FILE

EDGE_CHANNELS: Final = (16, 32, 64)
EDGE_FEATURES: Final = 128
LARGE_CHANNELS: Final = (32, 64, 128)
LARGE_FEATURES: Final = 256
EDGE_STRIDES: Final = (2, 2, (2, 1))
EDGE_NARROW: Final = 8
EDGE_CONTEXT: Final = 96
EDGE_LOOKS: Final = 2
EDGE_HIDDEN: Final = 96


def build(name: str) -> keras.Model:
    """A fresh network by name; ``ValueError`` lists the names where it is unknown."""
    if name not in NETWORKS:
        raise ValueError(f"network {name!r}: expected one of {', '.join(NETWORKS)}")
    return NETWORKS[name]()


def load(run: Path) -> keras.Model:
    """The best weights of a run folder; ``RunError`` where they are missing or cannot be read."""
    path = run / MODEL_FILE
    if not path.is_file():
        raise RunError(f"{path}: no such model; train it first: python -m train fit --out {run}")
    try:
        return keras.models.load_model(path, compile=False)
    except (OSError, ValueError, TypeError) as error:
        raise RunError(f"{path}: not a Keras model that this version reads ({error}); train anew") from error


def notebook() -> keras.Model:
    """The published five-head network, layer for layer, channels last; 1.37 million parameters."""
    strip = _strip_input()
    x = layers.Rescaling(1 / 255)(strip)
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(28, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(28, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Conv2D(56, 3, activation="relu")(x)
    x = layers.Conv2D(56, 3, activation="relu")(x)
    x = layers.Dropout(0.2)(x)
    x = ops.reshape(x, (-1, math.prod(x.shape[1:])))  # Flatten would compute its shape at every inference
    x = layers.Dense(784, activation="relu")(x)
    x = layers.Dropout(0.4)(x)
    heads = [layers.Dense(CLASSES, activation="softmax", name=name)(x) for name in OUTPUT_NAMES]
    return keras.Model(strip, heads, name="notebook")


def edge(
    channels: tuple[int, ...] = EDGE_CHANNELS,
    features: int = EDGE_FEATURES,
    hidden: int = EDGE_HIDDEN,
    name: str = "edge",
) -> keras.Model:
    """Plain strided convolutions, then five heads that attend over the width.

    Which place holds the k-th digit depends on every other digit, so the attention of all five heads is
    computed from the whole strip: from a narrowed feature map, flattened. Each head looks at two places
    of its own, so that it can compare the parts of one digit. The digit classifier is shared by the heads;
    a summary of the whole strip adds a bias to every head, which is how a head knows that
    it is blank.
    """
    strip = _strip_input()
    x: Any = ScaledConv2D(channels[0], 3, strides=EDGE_STRIDES[0], name="stem")(strip)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for width, stride in zip(channels[1:], EDGE_STRIDES[1:], strict=True):
        x = _conv(x, width, 3, strides=stride, padding="same")
    x = layers.ZeroPadding2D((0, 1))(x)
    x = _conv(x, features, (x.shape[1], 3))
    columns = x.shape[2]

    context = ops.reshape(_conv(x, EDGE_NARROW, 1), (-1, columns * EDGE_NARROW))
    context = layers.Dense(EDGE_CONTEXT, activation="relu", name="context")(context)
    attention = layers.Dense(SLOTS * EDGE_LOOKS * columns, name="attention")(context)
    attention = layers.Softmax()(ops.reshape(attention, (-1, SLOTS * EDGE_LOOKS, columns)))
    glimpses = ops.matmul(attention, ops.reshape(x, (-1, columns, features)))
    seen = layers.Dense(hidden, activation="relu", name="hidden")(ops.reshape(glimpses, (-1, EDGE_LOOKS * features)))
    shared = layers.Dense(CLASSES, name="classes")(seen)
    bias = layers.Dense(SLOTS * CLASSES, name="slot_bias")(context)
    logits = ops.reshape(shared, (-1, SLOTS * CLASSES)) + bias
    return keras.Model(strip, _softmax_heads(logits), name=name)


@keras.saving.register_keras_serializable("edge_digits")
class ScaledConv2D(layers.Conv2D):
    """A same-padded, bias-free convolution over raw uint8 pixels.

    The 1/255 is on the kernel, not on the picture: the exporter folds it into a constant, which saves a
    pass over the pixels at every inference, while the weights train at their usual size.
    """

    def __init__(self, filters: int, kernel_size: int | tuple[int, int], **options: Any) -> None:
        super().__init__(filters, kernel_size, **{"padding": "same", "use_bias": False, **options})

    def call(self, inputs: Any) -> Any:
        """Feature maps [N, H, W, filters] of uint8 pixels [N, h, w, 1]."""
        pixels = ops.cast(inputs, self.compute_dtype)
        kernel = ops.cast(self.kernel, self.compute_dtype) * (1 / 255)
        return ops.conv(pixels, kernel, strides=list(self.strides), padding="same", data_format="channels_last")


def second_look() -> keras.Model:
    """The ``edge`` network with twice the channels, for strips of which it is unsure."""
    return edge(LARGE_CHANNELS, LARGE_FEATURES, hidden=2 * EDGE_HIDDEN, name="second-look")


NETWORKS: Final[dict[str, Callable[[], keras.Model]]] = {
    "edge": edge,
    "second-look": second_look,
    "notebook": notebook,
}


def _strip_input() -> Any:
    return keras.Input((STRIP_HEIGHT, STRIP_WIDTH, 1), dtype="uint8", name=INPUT_NAME)


def _conv(x: Any, filters: int, kernel: int | tuple[int, int], **options: Any) -> Any:
    """Convolution, batch norm (folded at export), ReLU."""
    x = layers.Conv2D(filters, kernel, use_bias=False, **options)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def _softmax_heads(logits: Any) -> list[Any]:
    """[N, 55] logits -> five named [N, 11] probabilities, by one softmax and one split."""
    probabilities = layers.Softmax()(ops.reshape(logits, (-1, SLOTS, CLASSES)))
    pieces = ops.split(ops.reshape(probabilities, (-1, SLOTS * CLASSES)), SLOTS, axis=1)
    return [layers.Activation("linear", name=name)(piece) for name, piece in zip(OUTPUT_NAMES, pieces, strict=True)]
