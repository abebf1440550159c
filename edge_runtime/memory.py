"""Memory that is freed is kept for the next picture instead of being given back to the system at once.

Reading a picture takes some fifty planes of a few hundred kilobytes. The C library of Linux (glibc) returns freed
memory to the system when more than twice the largest array freed so far lies idle, and the system then has to clear
every page of it for the next picture anew: that took a fifth of the time of a 640×480 frame. One larger array, freed
untouched, raises the limit (``mallopt(3)``, dynamic thresholds); other C libraries take no notice.
"""

from __future__ import annotations

from typing import Final

import numpy as np

_BYTES: Final = 4 * 2**20  # twice as much stays


def keep_freed_memory() -> None:
    """Let the process keep up to 8 MiB of freed memory, unless ``mallopt`` or ``MALLOC_`` variables say otherwise."""
    np.empty(_BYTES, np.uint8)
