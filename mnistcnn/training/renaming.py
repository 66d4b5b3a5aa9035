"""The old names of a config's fields, in files and in scripts."""

import functools
import warnings
from typing import Any, TypeVar

from mnistcnn.errors import ConfigError

# Fields as they were called before recipes had steps; files have them still.
RENAMED = {
    "average": "ema_momentum",
    "generated_nondigits": "nondigits",
}
# Fields that are no more; 0 meant what is now.
REMOVED = {"drawn", "generated_digits"}

Kind = TypeVar("Kind", bound=type)


def take_renamed(kind: Kind) -> Kind:
    """Has a class take its fields by their old names too, with a warning.

    Args:
        kind: a dataclass whose fields are given by name alone.

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
