"""Ink of both polarities.

In: a grey plane. Out: ``Blobs``, the connected strokes of it.
"""
