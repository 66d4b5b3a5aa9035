"""The names of a config's fields, in files and in scripts: old, misspelt."""

import difflib
import functools
import warnings
from collections.abc import Iterable
from typing import Any, TypeVar

from mnistcnn.errors import ConfigError, quote

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
        `ConfigError`, and an unknown one is a `TypeError` with a hint.
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
        # Python's own error names none that is meant.
        for name in fields:
            if name not in untyped.__dataclass_fields__:
                hint = find_meant(name, untyped.__dataclass_fields__)
                raise TypeError(
                    f"TrainConfig has no field {quote(name, 40)}. Expected "
                    f"its own: {hint}"
                )
        init(self, **fields)

    untyped.__init__ = take
    return kind


def find_meant(name: str, fields: Iterable[str]) -> str:
    """Ends an error about an unknown name: with the nearest one, if any.

    Args:
        name: what was given.
        fields: the names that there are.

    Example:
        >>> find_meant("epoch", ["batch_size", "epochs"])
        'did you mean "epochs"?'
    """
    close = difflib.get_close_matches(name, fields, n=1)
    return f'did you mean "{close[0]}"?' if close else "delete it."
