"""The page of benchmark results: which backend to use for what, and why.

It begins with a recommendation in one sentence and the reasons to distrust
it. Losses are shown beside wins, and every number has its quartiles and count.
"""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from mnistcnn.pages import write_page
from pages.comparability import find_warnings
from pages.recommendation import recommend
from pages.series import group_results, list_results
from pages.speedups import list_speedups
from pages.suite_figures import draw_suites
from pages.tables import (
    count_verdicts,
    tabulate_engines,
    tabulate_environments,
    tabulate_layers,
    tabulate_protocols,
    tabulate_rankings,
    tabulate_suites,
)
from suites.suite_results import read_results

TEMPLATES = Path(__file__).with_name("templates")
QUICK = "quick form: not for quoting"


def write_benchmarks(
    paths: Iterable[str | Path],
    out: str | Path,
    *,
    pictures: str | Path | None = None,
) -> Path:
    """Writes one page of benchmark results.

    Args:
        paths: result files or folders with some.
        out: where the page is written; parent folders are made.
        pictures: a folder in which the page's pictures are kept as PNG files,
            or `None` to have them only in the page.

    Returns:
        `out`.

    Raises:
        DataError: a result is missing or invalid.
    """
    series = group_results(read_results(paths))
    speedups = list_speedups(series)
    quick = any(result.quick for result in list_results(series))
    banner = QUICK if quick else ""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(pictures or folder)
        figures = draw_suites(series, note=banner, folder=kept)
    return write_page(
        out,
        "results.html",
        folder=TEMPLATES,
        title="Benchmarks",
        banner=banner,
        recommendation=recommend(series),
        warnings=find_warnings(series),
        rankings=tabulate_rankings(series),
        engines=tabulate_engines(series),
        layers=tabulate_layers(series),
        speedups=speedups,
        counts=count_verdicts(speedups),
        figures=figures,
        suites=tabulate_suites(series),
        environments=tabulate_environments(series),
        protocols=tabulate_protocols(series),
    )
