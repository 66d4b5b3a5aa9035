"""Packages whose public names are imported when they are first used (PEP 562).

Importing Keras chooses a backend and takes seconds. A package whose modules
need it exports its names this way, so that `--help`, a file's card and the
board's window do not wait for it.
"""

import importlib
import sys
from collections.abc import Callable


def attach(
    package: str, **modules: str
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Makes the `__getattr__` and `__dir__` of a package.

    Args:
        package: its `__name__`.
        **modules: for each module the public names that it has.

    Returns:
        The two functions. A package names its imports under `if TYPE_CHECKING:`
        and these in the `else`, so that a type checker sees what it exports,
        and a misspelt name is an error.

    Example:
        >>> load, names = attach("mnistcnn.data", dataset="Dataset KEYS")
        >>> load("Dataset").__name__, names()
        ('Dataset', ['Dataset', 'KEYS'])
    """
    origin = {
        n: module for module, names in modules.items() for n in names.split()
    }

    def load(name: str) -> object:
        if name not in origin:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}"
            )
        module = importlib.import_module(f"{package}.{origin[name]}")
        value = getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        public = vars(sys.modules[package]).get("__all__", ())
        return sorted({*origin, *public})

    return load, names
