"""Fully convolutional networks that see characters.

A stem brings the picture to a quarter of its size, plain strided convolutions to an eighth, a sixteenth and a
thirty-second. What the coarse grids know is enlarged and added to the finer ones, up to an eighth. There each cell
answers for the four cells of a quarter inside it, by sub-pixel convolutions (Shi et al., CVPR 2016): the fine grid
exists in the answers alone, and most of the arithmetic is done where a processor's caches hold the feature maps.

The layout is written once, in ``assemble``, over a few operations; Keras and ONNX each build it in their own terms.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

import keras
from keras import layers, ops

from edge_runtime.detection.characters.contract import INPUT_NAME, MAP_CHANNELS

from .config import DESIGNS, Design

HEADS: Final = {"kinds": ("kinds",), "shapes": tuple(name for name in MAP_CHANNELS if name != "kinds")}
"""The maps that each of the two last layers makes."""
PLANES: Final = sum(MAP_CHANNELS.values())
_RARE: Final = -4.6  # the logit of 1 %: training begins with about that share of cells a centre (Lin et al., 2017)


class Assembler(Protocol):
    """The operations that a layout is made of; a tensor is whatever the assembler makes of it."""

    def convolve(self, x: Any, channels: int, kernel: int, name: str, *, stride: int = 1, dilation: int = 1) -> Any:
        """Convolution with same padding, batch norm, ReLU."""

    def join(self, coarse: Any, fine: Any, channels: int, name: str) -> Any:
        """1×1 convolutions of both to ``channels``, the coarse one doubled in size; ReLU of their sum."""

    def answer(self, x: Any, planes: int, name: str) -> Any:
        """1×1 convolution with bias to ``planes`` for each of four cells."""


def assemble(design: Design, picture: Any, assembler: Assembler) -> dict[str, Any]:
    """The layout: scaled picture -> answers by the names in ``HEADS``."""
    grids = [assembler.convolve(picture, design.channels[0], design.stem, "stem", stride=4)]
    for stride, channels, dilations in zip((8, 16, 32), design.channels[1:], design.dilations, strict=True):
        x = assembler.convolve(grids[-1], channels, 3, f"down{stride}", stride=2)
        for index, dilation in enumerate(dilations):
            x = assembler.convolve(x, channels, 3, f"at{stride}_{index}", dilation=dilation)
        grids.append(x)
    x = assembler.join(grids[3], grids[2], design.joined[0], "join16")
    x = assembler.join(x, grids[1], design.joined[1], "join8")
    if design.fuse:
        x = assembler.convolve(x, design.fuse, 3, "fuse")
    planes = {head: sum(MAP_CHANNELS[name] for name in names) for head, names in HEADS.items()}
    return {head: assembler.answer(x, count, head) for head, count in planes.items()}


def build(name: str) -> keras.Model:
    """A fresh network: uint8 [N, H, W, colours] -> float32 [N, H / 4, W / 4, 23], the maps as they are trained.

    The maps stand in the order of ``MAP_CHANNELS``. Raises ``ValueError`` with the names where ``name`` is unknown.
    """
    if name not in DESIGNS:
        raise ValueError(f"design {name!r}: expected one of {', '.join(DESIGNS)}")
    picture = keras.Input((None, None, DESIGNS[name].colours), dtype="uint8", name=INPUT_NAME)
    answers = assemble(DESIGNS[name], layers.Rescaling(1 / 255)(picture), _KerasAssembler())
    maps = layers.Concatenate(name="maps", dtype="float32")(list(answers.values()))
    return keras.Model(picture, maps, name=f"detector-{name}")


@keras.saving.register_keras_serializable("edge_digits")
class SubPixels(layers.Layer):
    """[N, h, w, 4 C] -> [N, 2 h, 2 w, C]: each cell's four groups of channels become four cells."""

    def call(self, x: Any) -> Any:
        """The finer grid."""
        if keras.backend.backend() == "tensorflow":  # its own operation is faster than three of Keras'
            import tensorflow

            return tensorflow.nn.depth_to_space(x, 2)
        _, height, width, channels = ops.shape(x)
        x = ops.reshape(x, (-1, height, width, 2, 2, channels // 4))
        return ops.reshape(ops.transpose(x, (0, 1, 3, 2, 4, 5)), (-1, height * 2, width * 2, channels // 4))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Of the finer grid."""
        batch, height, width, channels = shape
        return batch, height and 2 * height, width and 2 * width, (channels or 0) // 4


class _KerasAssembler:
    """Layers named as the layout names them; the batch norm of layer X is ``X_norm``."""

    def convolve(self, x: Any, channels: int, kernel: int, name: str, *, stride: int = 1, dilation: int = 1) -> Any:
        return layers.ReLU()(_normed(x, channels, kernel, name, strides=stride, dilation_rate=dilation))

    def join(self, coarse: Any, fine: Any, channels: int, name: str) -> Any:
        doubled = layers.UpSampling2D(2, interpolation="nearest")(_normed(coarse, channels, 1, f"{name}_coarse"))
        return layers.ReLU()(layers.Add()([doubled, _normed(fine, channels, 1, f"{name}_fine")]))

    def answer(self, x: Any, planes: int, name: str) -> Any:
        layer = layers.Conv2D(4 * planes, 1, name=name, dtype="float32")
        x = layer(x)
        if name == "kinds":
            layer.bias.assign([_RARE] * 4 * planes)
        return SubPixels(dtype="float32")(x)


def _normed(x: Any, channels: int, kernel: int, name: str, **options: Any) -> Any:
    x = layers.Conv2D(channels, kernel, padding="same", use_bias=False, name=name, **options)(x)
    return layers.BatchNormalization(name=f"{name}_norm")(x)
