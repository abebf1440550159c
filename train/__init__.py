"""The data set and the five-head networks: ``python -m train``."""
