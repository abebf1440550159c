"""Cameras, videos and streams.

In: a source of frames. Out: numbers that last over several frames, and what became of them.
"""
