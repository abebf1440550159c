"""Training, measuring and mixing the networks.

In: settings of a run, strips. Out: a run folder with weights, curves and an evaluation.
"""
