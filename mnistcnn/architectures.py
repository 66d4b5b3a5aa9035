"""The networks that have a name, as data."""

import difflib
from collections.abc import Sequence

from mnistcnn.errors import ConfigError

# A number is a 3x3 convolution of so many filters, valid, stride 1, ReLU;
# POOL takes the maximum of 2x2.
POOL = "pool"
ARCHITECTURES: dict[str, tuple[int | str, ...]] = {
    # The source's: 34,826 parameters.
    "base": (32, POOL, 64, POOL),
    # A third convolution: 61,514.
    "medium": (32, POOL, 64, POOL, 64),
    # 134,730.
    "deep": (32, POOL, 64, 64, POOL, 128),
}
MAX_FILTERS = 512


def layer_plan(
    name: str, filters: Sequence[int] | None = None
) -> tuple[int | str, ...]:
    """The convolutions and poolings of a network.

    Args:
        name: `"base"`, `"medium"` or `"deep"`.
        filters: other numbers of filters, one for each convolution, or
            `None` for the network's own.

    Returns:
        Numbers of filters, and `POOL` between them.

    Raises:
        ConfigError: there is no such network, or it has another number of
            convolutions.

    Example:
        >>> layer_plan("base", (16, 48))
        (16, 'pool', 48, 'pool')
    """
    if name not in ARCHITECTURES:
        close = difflib.get_close_matches(str(name), ARCHITECTURES, n=1)
        hint = f'did you mean "{close[0]}"?' if close else "pick one of them."
        raise ConfigError(
            f'There is no network "{name}". Expected one of '
            f"{', '.join(ARCHITECTURES)}: {hint}"
        )
    plan = ARCHITECTURES[name]
    if filters is None:
        return plan
    wanted = sum(part != POOL for part in plan)
    given = list(filters)
    if len(given) != wanted or not all(
        type(n) is int and 1 <= n <= MAX_FILTERS for n in given
    ):
        raise ConfigError(
            f"filters is {str(given)[:60]}. Expected {wanted} whole numbers, "
            f"1 to {MAX_FILTERS}: one for each convolution of {name}."
        )
    return tuple(part if part == POOL else given.pop(0) for part in plan)
