"""``python -m benchmarks latency``.

In: two trained networks. Out: their times in every runtime, after they agree.
"""
