"""Drawn strips with their labels.

In: single digits, strokes, characters and a seed. Out: uint8 strips [N, 28, 140] and their labels.
"""
