"""Optuna's own plots of a study, by Matplotlib."""

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib
import matplotlib.style

from mnistcnn.figures.drawing import DPI
from mnistcnn.files import write_atomically

if TYPE_CHECKING:
    import optuna

# Optuna's names and ours, in the order of the page.
PLOTS = {
    "plot_optimization_history": "Every trial, and the best so far",
    "plot_intermediate_values": "Epoch by epoch",
    "plot_param_importances": "What mattered",
    "plot_parallel_coordinate": "All options at once",
    "plot_slice": "Each option by itself",
    "plot_timeline": "When what ran",
}
MEASURE = "validation accuracy"


def draw_study(study: "optuna.Study", folder: str | Path) -> dict[str, Path]:
    """Draws a study.

    Args:
        study: with at least one finished trial.
        folder: where the PNGs go.

    Returns:
        The pictures by their titles; fewer if Optuna needs more trials.
    """
    import matplotlib.pyplot as plt
    from optuna.visualization import matplotlib as plots

    drawn = {}
    for name, title in PLOTS.items():
        # No `target`: with one Optuna forgets the direction.
        options = {}
        if name not in ("plot_intermediate_values", "plot_timeline"):
            options["target_name"] = MEASURE
        # Optuna uses pyplot; its style and its figures are cleaned up.
        with matplotlib.style.context("default"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plt.switch_backend("agg")
            try:
                getattr(plots, name)(study, **options)
                figure = plt.gcf()
                file = io.BytesIO()
                figure.savefig(file, format="png", dpi=DPI, bbox_inches="tight")
            # With one trial, or the same option in all, there is nothing to
            # compare.
            except (RuntimeError, ValueError, ZeroDivisionError):
                continue
            finally:
                plt.close("all")
        path = Path(folder) / f"{name.removeprefix('plot_')}.png"
        write_atomically(path, file.getvalue())
        drawn[title] = path
    return drawn
