"""What is made up: damaged files, arrays, readings, JSON; and which public names a test fuzzes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from edge_runtime import Quad, Reading
from tests.robustness import LONG
from tests.robustness.faults.mutations import MUTATIONS
from tests.robustness.faults.pictures import originals

COVERED: set[str] = set()
SOUND = {name: content for name, content in originals().items() if len(content) < 20_000}
fuzz = settings(max_examples=2_000 if LONG else 40, deadline=None, suppress_health_check=list(HealthCheck))


def covers(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Says what a test fuzzes; ``test_public`` asks whether anything is left out."""
    COVERED.update(names)
    return lambda test: test


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A real picture file, damaged once or twice."""
    content = SOUND[draw(st.sampled_from(sorted(SOUND)))]
    chance = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.integers(0, 2))):
        kind = draw(st.sampled_from(sorted(set(MUTATIONS) - {"bomb"})))
        content = MUTATIONS[kind][0](content or b"\0", chance)
    return content


def arrays(dtype: Any = np.uint8, max_side: int = 48) -> st.SearchStrategy[np.ndarray]:
    shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=max_side)
    colour = st.tuples(st.integers(0, 200), st.integers(0, 200), st.sampled_from([1, 2, 3, 4, 5]))
    thin = st.sampled_from([(1, 3000), (3000, 1), (1, 1), (2, 2000, 3), (28, 140), (28, 140, 3)])
    return hnp.arrays(dtype, st.one_of(shapes, colour, thin), elements=None, fill=st.just(np.zeros((), dtype)[()]))


DTYPES = st.sampled_from([np.uint8, np.int8, np.uint16, np.float32, np.float64, np.bool_, np.int64])
PIXELS = st.one_of(arrays(), DTYPES.flatmap(lambda dtype: arrays(dtype, 8)))
THINGS = st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=20), st.lists(st.integers(), max_size=3))
NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.floats(), st.none(), st.booleans())
TEXTS = st.text(alphabet="0123456789", min_size=1, max_size=7)
CORNERS = st.integers(-500_000, 500_000).map(lambda value: value / 100)  # OpenCV errs for sides far below a pixel
QUADS = st.lists(st.tuples(CORNERS, CORNERS), min_size=4, max_size=4).map(Quad.of)
SHARES = st.floats(0, 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    text = draw(TEXTS)
    box = draw(st.none() | QUADS)
    digits = tuple(int(char) for char in text)
    return Reading(text, digits, (draw(SHARES),) * len(text), draw(SHARES), draw(st.booleans()), box)
