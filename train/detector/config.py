"""What is asked of a run, and which networks there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ONNX_FILE: Final = "detector.onnx"


@dataclass(frozen=True)
class Design:
    """What tells one network from another.

    colours: 1 for grey, 3 for BGR pictures. stem: side of the first kernel in pixels.
    channels: at a quarter, an eighth, a sixteenth and a thirty-second of the size.
    dilations: of the further 3×3 convolutions at an eighth, a sixteenth and a thirty-second.
    joined: channels in which fine and coarse features are added up, at a sixteenth and at an eighth.
    fuse: channels of one more 3×3 convolution before the answers, 0 for none.
    """

    colours: int = 1
    stem: int = 7
    channels: tuple[int, int, int, int] = (16, 32, 48, 64)
    dilations: tuple[tuple[int, ...], ...] = ((1,), (1, 2), (2,))
    joined: tuple[int, int] = (48, 48)
    fuse: int = 0


DESIGNS: Final[dict[str, Design]] = {
    "plain": Design(),
    "colour": Design(colours=3),
    "short": Design(dilations=((1,), (1,), (2,))),
    "coarse": Design(channels=(16, 32, 64, 96), dilations=((), (1, 2), (2,)), joined=(64, 64)),
    "broad": Design(channels=(16, 32, 64, 96), dilations=((1,), (1,), (2,)), joined=(64, 64)),
    "fused": Design(channels=(16, 32, 48, 64), dilations=((), (1, 2), (2,)), joined=(48, 32), fuse=48),
    "thin": Design(channels=(16, 32, 48, 64), dilations=((1,), (1, 2), (2,)), joined=(32, 32)),
}


@dataclass(frozen=True)
class DetectorConfig:
    """Everything that decides a run.

    scenes: how many are shown in all; pool: how many different ones are drawn; minutes: a limit on training time, 0 for
    none. The learning rate falls along a cosine to a hundredth over whichever of scenes and minutes ends first.
    bfloat16: feature maps in 16 bits, faster where the processor multiplies them; weights and answers stay in 32.
    workers: processes that draw and threads that make batches.
    """

    design: str = "plain"
    seed: int = 1
    scenes: int = 200_000
    pool: int = 50_000
    minutes: float = 0.0
    batch: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 1e-4
    average: float = 0.98  # kept of the averaged weights at each update
    bfloat16: bool = False
    checkpoint_minutes: float = 5.0
    validation: int = 200
    workers: int = 1
