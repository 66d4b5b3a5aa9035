"""What a training run leaves."""

import dataclasses
from pathlib import Path
from typing import Any

from mnistcnn import figures, pages
from mnistcnn.backends import keras
from mnistcnn.training.config import TrainConfig


@dataclasses.dataclass(frozen=True, eq=False)
class TrainResult:
    """What a training run leaves.

    Args:
        model: the Keras model as it was at the end of training.
        history: one dict for each epoch: `epoch` (from 1), `accuracy`, `loss`,
            `learning_rate`, `seconds`, with a held-out part `val_accuracy` and
            `val_loss`; and values added by callbacks.
        path: the run directory.
        config: of the training, with the engine and the precision that were
            used.
        sizes: how many images were for `train`, `validation`, `test`.
        timing: `import`, `build`, `before` (the runs before it),
            `first_step`, `epochs`, `steady_epoch` and `total`, in seconds;
            `engine`, `precision` and `devices`, that were used.
        memory: `peak_host_bytes` and `peak_device_bytes`.
        environment: backend, versions, device.
        process: the number of this process among those that trained, from 0;
            `path` is written by the first.
    """

    model: "keras.Model"
    history: list[dict[str, Any]]
    path: Path
    config: TrainConfig
    sizes: dict[str, int]
    timing: dict[str, Any]
    memory: dict[str, Any]
    environment: dict[str, Any]
    process: int = 0

    @property
    def best(self) -> Path:
        """The best model of the run, as an artifact."""
        return self.path / "best.keras"

    def _repr_html_(self) -> str:
        """Shows the learning curves and the results in a notebook."""
        curves = pages.draw_figure(
            lambda path: figures.draw_learning_curves(self.history, path),
            "Accuracy and loss by epoch",
        )
        return pages.render("cells/result.html", it=self, curves=curves)
