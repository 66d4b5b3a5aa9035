"""Packages whose public names are imported when they are first used (PEP 562).

Importing Keras chooses a backend and takes seconds: a package whose modules
need it hands on its names this way, so that `--help`, a file's card and the
board's window do not wait for it.
"""

import importlib
import sys
from collections.abc import Callable, Mapping


def attach(
    package: str, modules: Mapping[str, str]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Makes the `__getattr__` and `__dir__` of a package.

    Args:
        package: its `__name__`.
        modules: for each public name the module that has it.

    Returns:
        The two functions. A package names its imports under
        `if TYPE_CHECKING:` and these in the `else`, so that a checker of
        types sees what it hands on, and a misspelt name is an error.

    Example:
        >>> load, names = attach("mnistcnn.data", {"Dataset": "dataset"})
        >>> load("Dataset").__name__, names()
        ('Dataset', ['Dataset'])
    """

    def load(name: str) -> object:
        if name not in modules:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}"
            )
        module = importlib.import_module(f"{package}.{modules[name]}")
        value = getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        public = vars(sys.modules[package]).get("__all__", ())
        return sorted({*modules, *public})

    return load, names
