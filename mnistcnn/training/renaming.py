"""The old names of a config's fields, in files and in scripts."""

import functools
import warnings
from typing import Any, TypeVar

from mnistcnn.errors import ConfigError

# Names of fields before recipes had steps; they still occur in files.
RENAMED = {
    "average": "ema_momentum",
    "generated_nondigits": "nondigits",
}
# Removed fields; the value 0 meant today's behaviour.
REMOVED = {"drawn", "generated_digits"}

Kind = TypeVar("Kind", bound=type)


def take_renamed(kind: Kind) -> Kind:
    """Makes a class accept its fields by their old names too, with a warning.

    Args:
        kind: a dataclass with keyword-only fields.

    Returns:
        The same class; an old name and the new one together are a
        `ConfigError`.
    """
    untyped: Any = kind
    init = untyped.__init__

    @functools.wraps(init)
    def take(self, **fields) -> None:
        for old in RENAMED.keys() & fields.keys():
            new = RENAMED[old]
            if new in fields:
                raise ConfigError(
                    f"{old} and {new} are given. Expected one: {old} is the "
                    f"old name of {new}."
                )
            said = f"TrainConfig({old}=...) is now {new}: rename it."
            warnings.warn(said, DeprecationWarning, stacklevel=2)
            fields[new] = fields.pop(old)
        init(self, **fields)

    untyped.__init__ = take
    return kind
