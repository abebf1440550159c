"""What this machine is: versions and the processor's features that matter for the networks."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable, Mapping
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
_INT8_FLAGS: Final = frozenset({"avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm"})
_PROC: Final = Path("/proc")
_CPUINFO: Final = _PROC / "cpuinfo"
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


def multiplies_bytes(cpuinfo: Path = _CPUINFO) -> bool:
    """Whether the processor has dot products of 8-bit numbers, with which int8 networks run faster than fp32.

    Linux tells; every 64-bit ARM of Apple has them; elsewhere the answer is no.
    """
    if platform.system() == "Darwin":
        return platform.machine() == "arm64"
    return bool(_flags(_facts(cpuinfo)) & _INT8_FLAGS)


def processor(cpuinfo: Path = _CPUINFO) -> dict[str, Any]:
    """Architecture, model name, usable processors and features; what the system does not tell is left out."""
    facts = _facts(cpuinfo)
    flags = _flags(facts)
    return {
        "architecture": platform.machine(),
        "bits": 64 if sys.maxsize > 2**32 else 32,
        "system": platform.platform(),
        "name": facts.get("model name") or facts.get("model") or platform.processor() or "unknown",
        "processors": _usable_processors(),
        "features": [words for flag, words in _FEATURES.items() if flag in flags],
    }


def _facts(cpuinfo: Path) -> dict[str, str]:
    try:
        lines = cpuinfo.read_text("utf-8", errors="replace").splitlines()
    except OSError:  # not Linux
        lines = []
    return {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def _flags(facts: Mapping[str, str]) -> set[str]:
    return set((facts.get("flags") or facts.get("features") or "").split())


def _usable_processors() -> int:
    if hasattr(os, "sched_getaffinity"):  # what a container or taskset leaves us
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def resident_bytes(pid: int) -> int | None:
    """Memory of a process that is in use (VmRSS of Linux); None where the system does not tell, or it has ended."""
    try:
        lines = (_PROC / str(pid) / "status").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return None  # it has ended, and waits for its parent
