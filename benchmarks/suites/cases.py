"""The entries that a suite's case must have, so that results are clear."""

from collections.abc import Mapping

from formats.result_faults import require

_NEEDED = {
    "training": ("path",),
    "latency": ("path",),
    "cold_start": ("stage",),
    "memory": ("what", "path"),
    "parity": ("what", "against"),
    "attempts": ("attempt",),
    "photos": ("photo", "what"),
    "board": ("what",),
}
_TARGET = ("target", "recipe")  # of all suites that measure time to a target
_NUMBERS = frozenset(
    ("batch_size", "images", "width", "processes", "threads", "target")
)


def check_case(
    suite: str, case: Mapping[str, str | int | float], place: str
) -> None:
    """Checks that a case has the entries that its suite varies.

    Args:
        suite: its name.
        case: of a measurement.
        place: the path of the case in the file.

    Raises:
        PydanticCustomError: a name is missing, or a number is text.
    """
    target = _TARGET if suite.startswith("time_to_") else ()
    for name in _NEEDED.get(suite, target):
        require(name in case, place, dict(case), f"{name} in it")
    for name in sorted(_NUMBERS & case.keys()):
        right = not isinstance(case[name], str)
        require(right, f"{place}.{name}", case[name], "a number")
