"""Architectures of networks, as data."""

import difflib
from collections.abc import Sequence

from mnistcnn.errors import ConfigError
from mnistcnn.units import take_whole

# A convolution is `(filters, size)`: valid, stride 1, ReLU; POOL takes the
# maximum of 2x2.
POOL = "pool"
Part = tuple[int, int] | str
ARCHITECTURES: dict[str, tuple[Part, ...]] = {
    # The usual tutorial's: 34,826 parameters.
    "base": ((32, 3), POOL, (64, 3), POOL),
    # A third convolution: 82,858.
    "medium": ((32, 3), POOL, (64, 3), POOL, (96, 3)),
    # 306,410 parameters. Of nine candidates (four or five convolutions, 135,000
    # to 306,000 parameters, one with batch normalization) it had the lowest
    # loss on held-out training images after eight or ten epochs, at twice the
    # time of base. The 5x5 convolution leaves sizes that the poolings divide,
    # 24 and 8.
    "deep": ((32, 5), POOL, (64, 3), (96, 3), POOL, (256, 3)),
}
MAX_FILTERS = 512


def layer_plan(
    name: str, filters: Sequence[int] | None = None
) -> tuple[Part, ...]:
    """Lists the convolutions and poolings of a network.

    Args:
        name: `"base"`, `"medium"` or `"deep"`.
        filters: other numbers of filters, one for each convolution, or
            `None` for the network's own.

    Returns:
        `(filters, size)` for each convolution, and `POOL` between them.

    Raises:
        ConfigError: there is no such network, or it has another number of
            convolutions.

    Example:
        >>> layer_plan("base", (16, 48))
        ((16, 3), 'pool', (48, 3), 'pool')
    """
    if not isinstance(name, str) or name not in ARCHITECTURES:
        close = difflib.get_close_matches(str(name), ARCHITECTURES, n=1)
        hint = f'did you mean "{close[0]}"?' if close else "pick one of them."
        raise ConfigError(
            f'There is no network "{name}". Expected one of '
            f"{', '.join(ARCHITECTURES)}: {hint}"
        )
    plan = ARCHITECTURES[name]
    if filters is None:
        return plan
    wanted = sum(not isinstance(part, str) for part in plan)
    given = [take_whole(number) for number in filters]
    if len(given) != wanted or not all(
        n is not None and 1 <= n <= MAX_FILTERS for n in given
    ):
        raise ConfigError(
            f"filters is {str(list(filters))[:60]}. Expected {wanted} whole "
            f"numbers, 1 to {MAX_FILTERS}: one for each convolution of {name}."
        )
    return tuple(
        part if isinstance(part, str) else (given.pop(0) or 0, part[1])
        for part in plan
    )
