"""OpenCV, or a ``DependencyError`` that says which package to install.

Every module that may be the first to need OpenCV takes ``cv2`` from here.
"""

from __future__ import annotations

from .errors import DependencyError

try:
    import cv2
except ImportError as error:
    if "cv2" in str(error):
        raise DependencyError(
            f"OpenCV is not installed ({error}): pip install opencv-python, "
            "or opencv-python-headless on a machine without a display"
        ) from error
    raise DependencyError(
        f"OpenCV cannot be loaded ({error}): on a machine without a display run "
        "pip uninstall opencv-python, then pip install opencv-python-headless"
    ) from error

__all__ = ["cv2"]
