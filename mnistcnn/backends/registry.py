"""The backends that there are: ours, Keras' others, and other people's.

A package brings one by an entry point of the group `mnistcnn.backends`. Its
name is the one that `KERAS_BACKEND` is set to, its value a module that is a
`Backend` (`contract.py`). Nothing is imported but what is asked for.
"""

import contextlib
import gc
import importlib
import importlib.metadata
import importlib.util
import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any, TypedDict, cast

from mnistcnn.backends.contract import TITLES, Backend
from mnistcnn.errors import BackendError

GROUP = "mnistcnn.backends"
# Keras has these too, and can only compute with them.
KERAS_OTHERS = {"openvino": "OpenVINO"}
# What Keras 3.15 imports and training by a plan never asks for. It goes on
# without the first two: pyplot, wrappers.
_OPTIONAL = ("matplotlib", "sklearn")
# It insists on these: SciPy's solvers of sparse systems and attention on TPUs
# (0.4 of JAX' 1.0 s), PyTorch's compiler and SymPy (0.7 of 2.0 s, 70 MiB).
_INSISTED = (
    "jax.experimental.sparse.linalg",
    "jax.experimental.pallas.ops.tpu.splash_attention",
    "torch._dynamo",
)


class Installed(TypedDict):
    """A backend that is installed.

    Args:
        name: what `KERAS_BACKEND` is set to; `"numpy"` is read by where it
            is not set.
        title: its name for people.
        version: of its package.
        can: of `"read"`, `"train"`, `"export"` and `"several devices"`, what
            is known without importing it.
        by: the package that brings it.
    """

    name: str
    title: str
    version: str
    can: list[str]
    by: str


def find_plugins() -> dict[str, importlib.metadata.EntryPoint]:
    """Finds the backends of other packages, by name; none can be ours."""
    found = importlib.metadata.entry_points(group=GROUP)
    return {entry.name: entry for entry in found if entry.name not in TITLES}


def is_installed(name: str) -> bool:
    """Tells whether a backend of ours, or of another package, is there."""
    known = name in TITLES or name in KERAS_OTHERS
    here = known and importlib.util.find_spec(name) is not None
    return here or name in find_plugins()


def title(name: str) -> str:
    """Returns a backend's name for people."""
    return (TITLES | KERAS_OTHERS).get(name, name)


@contextlib.contextmanager
def importing_little() -> Iterator[None]:
    """Within it Keras is imported without what training never asks for.

    For a program's own process alone: another who compiles by PyTorch, say,
    needs its compiler, and finds it afterwards, but Keras does not.
    """
    names = {*_OPTIONAL, *_INSISTED} - set(sys.modules)
    stubs: dict[str, Any] = {
        name: _Stub(name) if name in _INSISTED else None for name in names
    }
    sys.modules.update(stubs)
    # What is imported stays: looking through it for garbage, again and again
    # and once more at the end, is a tenth of the time.
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        for name in names:
            # An entry may be gone, or another's by now.
            if sys.modules.get(name) is stubs[name]:
                sys.modules.pop(name, None)


class _Stub(types.ModuleType):
    """Stands for a module; what it has decorates, and does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _decorate


def _decorate(*given: Any, **_options: Any) -> Any:
    """What a decorator returns: the function, or without one a decorator."""
    return given[0] if given and callable(given[0]) else _decorate


def list_installed() -> list[Installed]:
    """Lists what is installed, and what each can do.

    Returns:
        NumPy, then ours, then Keras' others, then other packages'.

    Example:
        >>> list_installed()[0]["can"]
        ['read']
    """
    plugins = find_plugins()
    rows = [_describe("numpy", "NumPy", ["read"])]
    for name, said in TITLES.items():
        if is_installed(name):
            can = ["read", "train", "export", "several devices"]
            rows.append(_describe(name, said, can))
    for name, said in KERAS_OTHERS.items():
        if name not in plugins and is_installed(name):
            rows.append(_describe(name, said, ["read"]))
    for name, entry in plugins.items():
        package = entry.dist.name if entry.dist else entry.module
        version = entry.dist.version if entry.dist else "unknown"
        row = Installed(
            name=name, title=title(name), version=version, can=[], by=package
        )
        rows.append(row)
    return rows


def load_backend(name: str) -> Backend:
    """Imports a backend's module.

    Args:
        name: of one of ours, of a plug-in, or of one that Keras alone knows,
            which gets what Keras itself offers.

    Returns:
        The module.

    Raises:
        BackendError: a plug-in cannot be imported, or is no `Backend`.
    """
    # Of ours nobody brings another: no packages are looked through.
    plugin = None if name in TITLES else find_plugins().get(name)
    if plugin is None:
        ours = name if name in TITLES else "other"
        module = importlib.import_module(f"mnistcnn.backends.{ours}")
        return cast(Backend, module)
    try:
        module = plugin.load()
    except Exception as error:
        raise BackendError(
            f"The backend {name!r} of {plugin.value} cannot be imported "
            f"({type(error).__name__}: {error}). Expected a module: mend or "
            "uninstall that package."
        ) from error
    missing = [
        member for member in _list_members() if not hasattr(module, member)
    ]
    if missing:
        raise BackendError(
            f"The backend {name!r} of {plugin.value} has no "
            f"{', '.join(missing)}. Expected all that "
            "mnistcnn.backends.Backend asks for: mend that package."
        )
    return cast(Backend, module)


def _describe(name: str, said: str, can: list[str]) -> Installed:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        version = "unknown"
    return Installed(
        name=name, title=said, version=version, can=can, by="mnistcnn"
    )


def _list_members() -> list[str]:
    functions = [
        name
        for name, value in vars(Backend).items()
        if inspect.isfunction(value) and not name.startswith("_")
    ]
    return [*inspect.get_annotations(Backend), *functions]
