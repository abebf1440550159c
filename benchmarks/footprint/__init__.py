"""``python -m benchmarks footprint``.

In: this installation. Out: sizes, times of start and memory, beside other readers.
"""
