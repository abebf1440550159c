"""Picture files, bytes and arrays.

In: a folder, a path, a page of a document, bytes or an array. Out: pixels as uint8 grey or BGR, and pictures with
readings drawn on them.
"""
