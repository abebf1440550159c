"""What a device in a cupboard meets, done to the runtime on purpose."""

import os
from typing import Final

LONG: Final = os.environ.get("EDGE_DIGITS_LONG") == "1"
"""Whether the tests take the counts of the promises (half an hour) instead of a few of each (minutes)."""
