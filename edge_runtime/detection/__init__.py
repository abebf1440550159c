"""Where numbers may stand in a picture.

In: pixels. Out: ``Line``s, each the four corners of what may be a number, in the picture's pixels.
"""
