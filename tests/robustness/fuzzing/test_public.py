"""Nothing public is left out of the fuzzing."""

from __future__ import annotations

import inspect

import edge_runtime
from tests.robustness.fuzzing import test_live, test_models, test_pictures, test_rows  # noqa: F401 they fill COVERED
from tests.robustness.fuzzing.made_up import COVERED


def public_callables() -> set[str]:
    """Public functions that take something, and classes with the methods and properties that they define themselves."""
    names = set()
    for name in edge_runtime.__all__:
        thing = getattr(edge_runtime, name)
        if name == "__version__" or (inspect.isclass(thing) and issubclass(thing, Exception)):
            continue
        if inspect.signature(thing).parameters:
            names.add(name)
        if inspect.isclass(thing):
            names |= {
                f"{name}.{member}"
                for member, value in vars(thing).items()
                if not member.startswith("_") and (callable(value) or isinstance(value, (property, classmethod)))
            }
    return names


def test_everything_public_is_fuzzed() -> None:
    assert public_callables() == COVERED
