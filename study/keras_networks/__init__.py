"""Networks of Keras and TensorFlow.

In: settings. Out: a ``Result``.
"""
