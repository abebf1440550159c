"""The study's looks at data and its scikit-learn network.

In: settings. Out: a ``Result``.
"""
