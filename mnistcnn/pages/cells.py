"""An object's HTML in a notebook: `_repr_html_`, from a template.

Light, so that a class can have it without loading Jinja2 or OpenCV before it is
displayed.
"""

from collections.abc import Callable
from typing import Any

from mnistcnn import pages


def cell(name: str) -> Callable[[Any], str]:
    """Makes the method by which a notebook displays an object.

    Args:
        name: of the template in `templates/cells`, in which the object is `it`.

    Returns:
        A `_repr_html_`: its HTML escapes every value, loads nothing and runs
        nothing (https://ipython.readthedocs.io/en/stable/config/integrating.html).

    Example:
        >>> class Nothing:
        ...     text, note, picture = "<none>", "", None
        ...     _repr_html_ = cell("readings")
        ...     def __iter__(self):
        ...         return iter(())
        >>> "&lt;none&gt;" in Nothing()._repr_html_()
        True
    """

    def show(it: Any) -> str:
        return pages.render(f"cells/{name}.html", it=it)

    show.__name__ = "_repr_html_"
    return show
