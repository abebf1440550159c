"""Picture files, bytes and arrays.

In: a path, bytes or an array. Out: pixels as uint8 grey or BGR, or a copy of a picture with readings drawn on it.
"""
