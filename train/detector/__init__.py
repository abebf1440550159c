"""The character detector: ``python -m train.detector``.

In: drawn scenes with every character's place and kind. Out: a run folder with the trained network and its ONNX file.
"""
