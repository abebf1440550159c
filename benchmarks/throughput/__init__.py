"""``python -m benchmarks throughput``.

In: folders of pictures that are drawn here. Out: pictures a second, memory.
"""
