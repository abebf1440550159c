"""The error tree. Catch ``EdgeDigitsError`` to catch everything the package raises on purpose.

::

    EdgeDigitsError
     ├── OptionError       an argument or environment variable is out of range; a ``ValueError``, too
     ├── ImageError        a picture cannot be read or used
     ├── ModelError        a model file is missing, altered, or not of the contract
     ├── SourceError       a camera, video or stream cannot be opened or was lost
     ├── OutputError       a file cannot be written, or a file of rows cannot be resumed
     └── DependencyError   a library is missing or lacks a feature (windows, system parts)

Every message names the offending file or value and says what to do about it.
"""


class EdgeDigitsError(Exception):
    """Root of every error that the package raises on purpose."""


class OptionError(EdgeDigitsError, ValueError):
    """An argument or an environment variable has a value out of range."""


class ImageError(EdgeDigitsError):
    """A picture cannot be read: missing, not a picture, too large, or of the wrong dtype or shape."""


class ModelError(EdgeDigitsError):
    """A model file is missing, altered, or does not fit the contract."""


class SourceError(EdgeDigitsError):
    """A camera, video file or stream cannot be opened, or was lost."""


class OutputError(EdgeDigitsError):
    """A file cannot be written (a full disk, a wrong name), or a file of rows cannot be resumed."""


class DependencyError(EdgeDigitsError):
    """A library is missing, or lacks the feature that was asked for."""
