"""Strokes that stand in a line.

In: ``Blobs``. Out: the places of a picture that are worth reading.
"""
