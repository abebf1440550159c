"""What all benchmarks share.

In: options, labelled folders, contenders. Out: timings in turns, documents.
"""
