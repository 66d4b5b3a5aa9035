"""Pages and a notebook's cells: templates, filled in with plain data.

In: tables, pictures, numbers. Out: HTML that loads nothing and runs nothing, as
a file or as a notebook cell's output. Imports the ground floor alone; Jinja2 is
loaded when the first page is made.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.pages.cells import cell as cell
    from mnistcnn.pages.filters import bind_units as bind_units
    from mnistcnn.pages.filters import pick as pick
    from mnistcnn.pages.page import Figure as Figure
    from mnistcnn.pages.page import Table as Table
    from mnistcnn.pages.page import draw_figure as draw_figure
    from mnistcnn.pages.page import read_figure as read_figure
    from mnistcnn.pages.page import render as render
    from mnistcnn.pages.page import write_page as write_page
else:
    __getattr__, __dir__ = attach(
        __name__,
        cells="cell",
        filters="bind_units pick",
        page="Figure Table draw_figure read_figure render write_page",
    )
