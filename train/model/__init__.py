"""The five-head networks.

In: a name, or the weights of finished runs. Out: Keras models; measures of their confidence.
"""
