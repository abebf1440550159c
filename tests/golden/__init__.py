"""The golden record: what the reader says of a fixed set of pictures, so that no change to the code alters it unseen.

``pictures/`` holds 200 drawn pictures of seven kinds; ``samples/`` is read as well; ``readings.json`` is the record.
Before a change that must not alter any reading, and after it::

    python -m tests.golden            # what differs from the record; exit status 1 where anything does
    python -m tests.golden --exact    # the same without any tolerance: for a change that only moves code
    python -m tests.golden --write    # the record anew, after a change that is meant to alter readings
    python -m tests.golden --draw     # the pictures anew from their seed; the record must be written anew after it
    python -m tests.golden --folder FOLDER --record FILE [--write]    # the same check for pictures of one's own

The stored files are the truth, not their drawing, which differs a little between versions of OpenCV.
"""
