"""Ink of lines of characters, before any ground.

In: texts, typefaces, pens, segments. Out: ``Line``, the ink and every character's box, kind and link.
"""
