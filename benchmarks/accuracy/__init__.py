"""``python -m benchmarks accuracy``.

In: folders of labelled pictures. Out: the figures of every reader, folder by folder.
"""
