"""The available backends: ours, Keras' others, and plug-ins.

A package provides one by an entry point of the group `mnistcnn.backends`. Its
name is the value for `KERAS_BACKEND`, its value a module that is a `Backend`
(`contract.py`). Only the requested backend is imported.
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
# Keras' further backends, which can only infer.
KERAS_OTHERS = {"openvino": "OpenVINO"}
# Modules that Keras 3.15 imports but training by a plan never uses. Keras works
# without the first two: pyplot, wrappers.
_OPTIONAL = ("matplotlib", "sklearn")
# It requires these, which are replaced by stubs: SciPy's sparse solvers and
# attention on TPUs (0.4 of JAX' 1.0 s), PyTorch's compiler and SymPy (0.7 of
# 2.0 s, 70 MiB).
_INSISTED = (
    "jax.experimental.sparse.linalg",
    "jax.experimental.pallas.ops.tpu.splash_attention",
    "torch._dynamo",
)


class Installed(TypedDict):
    """A backend that is installed.

    Args:
        name: the value of `KERAS_BACKEND`; `"numpy"` is used for reading if it
            is not set.
        title: its name for people.
        version: of its package.
        can: those of `"read"`, `"train"`, `"export"` and `"several devices"`
            that are known without importing it.
        by: the package that provides it.
    """

    name: str
    title: str
    version: str
    can: list[str]
    by: str


def find_plugins() -> dict[str, importlib.metadata.EntryPoint]:
    """Finds the backends of other packages by name, except for our names."""
    found = importlib.metadata.entry_points(group=GROUP)
    return {entry.name: entry for entry in found if entry.name not in TITLES}


def is_installed(name: str) -> bool:
    """Whether a backend of ours, or of another package, is installed."""
    known = name in TITLES or name in KERAS_OTHERS
    here = known and importlib.util.find_spec(name) is not None
    return here or name in find_plugins()


def title(name: str) -> str:
    """Returns a backend's name for people."""
    return (TITLES | KERAS_OTHERS).get(name, name)


@contextlib.contextmanager
def importing_little() -> Iterator[None]:
    """Context manager that imports Keras without modules training never uses.

    Only for a program's own process: others who compile by PyTorch, say, need
    its compiler, and find it afterwards, but Keras does not.
    """
    names = {*_OPTIONAL, *_INSISTED} - set(sys.modules)
    stubs: dict[str, Any] = {
        name: _Stub(name) if name in _INSISTED else None for name in names
    }
    sys.modules.update(stubs)
    # Imported objects stay, so garbage collection is suspended and they are
    # frozen: scanning them takes a tenth of the time.
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        for name in names:
            # An entry may have been removed or replaced meanwhile.
            if sys.modules.get(name) is stubs[name]:
                sys.modules.pop(name, None)


class _Stub(types.ModuleType):
    """A stub of a module, whose attributes are decorators without effect."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _decorate


def _decorate(*given: Any, **_options: Any) -> Any:
    """Returns the function to decorate, or without one a decorator."""
    return given[0] if given and callable(given[0]) else _decorate


def list_installed() -> list[Installed]:
    """Lists the installed backends, and their abilities.

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
        name: of one of ours, of a plug-in, or of one that only Keras knows, for
            which Keras' own functions are used.

    Returns:
        The module.

    Raises:
        BackendError: a plug-in cannot be imported, or is not a `Backend`.
    """
    # Ours cannot be replaced, so packages are not searched.
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
