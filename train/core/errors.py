"""Errors of training; under the package's own tree so that one ``except`` serves both."""

from edge_runtime.core.errors import EdgeDigitsError


class DataError(EdgeDigitsError):
    """A data file is missing, truncated, mis-shaped, or not what it should be."""


class RunError(EdgeDigitsError):
    """A run folder is missing, incomplete, or of another configuration."""
