"""The least that a program needs: ``python embed.py PICTURE ...`` prints the numbers of each picture."""

import sys

from edge_runtime import DigitReader

reader = DigitReader()  # once: it keeps the network loaded, and may be used from many threads
for path in sys.argv[1:]:
    for reading in reader.read(path):  # also takes frames: uint8 [H, W, 3] in BGR order
        print(path, reading.text, f"{reading.confidence:.3f}", "accepted" if reading.accepted else "unsure")
