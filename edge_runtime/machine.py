"""What this machine is: versions and the processor's features that matter for the networks."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

_FEATURES: Final = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx_vnni": "AVX-VNNI (int8 dot product)",
    "avx512_vnni": "AVX-512 VNNI (int8 dot product)",
    "amx_int8": "AMX int8",
    "asimd": "NEON",
    "asimddp": "NEON dot product (int8)",
    "i8mm": "int8 matrix product",
    "sve": "SVE",
}
_PACKAGES: Final = (
    "numpy",
    "onnxruntime",
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
    "click",
)


def versions() -> dict[str, str]:
    """Versions of Python and of the installed packages that the runtime uses."""
    return {"python": platform.python_version(), **installed_versions(_PACKAGES)}


def installed_versions(packages: Iterable[str]) -> dict[str, str]:
    """Version by package, of those that are installed."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> dict[str, Any]:
    """Architecture, model name, usable processors and features; what the system does not tell is left out."""
    try:
        lines = cpuinfo.read_text("utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    facts = {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = set((facts.get("flags") or facts.get("features") or "").split())
    return {
        "architecture": platform.machine(),
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "system": platform.platform(),
        "name": facts.get("model name") or facts.get("model") or platform.processor() or "unknown",
        "processors": _usable_processors(),
        "features": [words for flag, words in _FEATURES.items() if flag in flags],
    }


def _usable_processors() -> int:
    if hasattr(os, "sched_getaffinity"):  # what a container or taskset leaves us
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
