"""Formats numbers for people: the only place that rounds.

Pages and pictures print every number through these helpers, so that a second
looks the same in a table and beside a bar. Written by hand, since humanize
knows neither µs nor GFLOP/s.
"""

import json

DASH = "–"  # in place of a missing number


def percent(share: float | None, *, digits: int = 2) -> str:
    """Writes a share as a percentage.

    Args:
        share: 0 to 1, or None for "no number".
        digits: how many decimals.

    Returns:
        The text, a dash for None.

    Example:
        >>> percent(0.9904)
        '99.04 %'
    """
    return DASH if share is None else f"{100 * share:.{digits}f} %"


def count(number: float | None) -> str:
    """Writes a whole number with thousands separators.

    Args:
        number: any whole number, or None.

    Returns:
        The text, a dash for None.

    Example:
        >>> count(34826)
        '34,826'
    """
    return DASH if number is None else f"{number:,.0f}"


def decimal(number: float | None, *, digits: int = 4) -> str:
    """Writes a number with a fixed count of decimals.

    Args:
        number: any finite number, or None.
        digits: how many decimals.

    Returns:
        The text, a dash for None.

    Example:
        >>> decimal(0.03125)
        '0.0312'
    """
    return DASH if number is None else f"{number:,.{digits}f}"


def ratio(factor: float | None) -> str:
    """Writes a ratio of two numbers.

    Args:
        factor: a positive number, or None.

    Returns:
        The text, a dash for None.

    Example:
        >>> ratio(1.637)
        '1.64×'
    """
    return DASH if factor is None else f"{factor:.2f}×"


def duration(seconds: float | None) -> str:
    """Writes a time in a suitable unit.

    Args:
        seconds: 0 or more, or None.

    Returns:
        The text, a dash for None.

    Example:
        >>> [duration(seconds) for seconds in (0.0123, 4.5, 31.25, 192, 3780)]
        ['12 ms', '4.50 s', '31.2 s', '3 min 12 s', '1 h 03 min']
    """
    if seconds is None:
        return DASH
    if seconds == 0:
        return "0 s"
    # Each limit is where rounding carries over: 59.97 is not "60.0 s".
    if seconds < 0.9995:
        return f"{1000 * seconds:.{0 if seconds >= 0.00995 else 1}f} ms"
    if seconds < 9.995:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    if seconds < 3599.5:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {minutes:02d} min"


def memory(size: float | None) -> str:
    """Writes a size of memory in binary units.

    Args:
        size: bytes, 0 or more, or None.

    Returns:
        The text, a dash for None.

    Example:
        >>> memory(1_300_000_000)
        '1.21 GiB'
    """
    if size is None:
        return DASH
    gibibytes = size / 2**30
    if gibibytes >= 0.9995:
        return f"{gibibytes:,.2f} GiB"
    return f"{size / 2**20:,.1f} MiB"


def plain(value: object) -> str:
    """Writes a value of unknown kind: text as it is, the rest as JSON.

    Args:
        value: any JSON value.

    Returns:
        The text, a dash for None.

    Example:
        >>> [plain(value) for value in ("adam", 0.001, True, 42000, None)]
        ['adam', '0.001', 'true', '42,000', '–']
    """
    if value is None or isinstance(value, str):
        return value or DASH
    if isinstance(value, int) and not isinstance(value, bool):
        return count(value)
    return json.dumps(value, ensure_ascii=False)
