"""What stands in a box of a picture.

In: pixels and corners. Out: ``Reading``s with probabilities, by way of 28×140 strips and the five-head network.
"""
