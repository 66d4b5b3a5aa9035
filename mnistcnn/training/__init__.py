"""A run: config, recipe, epochs on a backend, checkpoints, run directory.

In: a `TrainConfig` or a recipe, and a `Dataset`. Out: a run directory with
the best model as an artifact. Imports everything above it, down to the page
that a run ends with. Configs and run directories need no Keras.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.training.config import TrainConfig as TrainConfig
    from mnistcnn.training.config import read_config as read_config
    from mnistcnn.training.finetuning import FINETUNING as FINETUNING
    from mnistcnn.training.finetuning import finetune as finetune
    from mnistcnn.training.interruption import Interrupted as Interrupted
    from mnistcnn.training.recipes import RECIPES as RECIPES
    from mnistcnn.training.recipes import recipe as recipe
    from mnistcnn.training.result import TrainResult as TrainResult
    from mnistcnn.training.run import train as train
    from mnistcnn.training.rundir import check_path as check_path
    from mnistcnn.training.rundir import default_path as default_path
    from mnistcnn.training.workflow import complete_run as complete_run
    from mnistcnn.training.workflow import explore as explore

__getattr__, __dir__ = attach(
    __name__,
    {
        "FINETUNING": "finetuning",
        "finetune": "finetuning",
        "explore": "workflow",
        "complete_run": "workflow",
        "Interrupted": "interruption",
        "RECIPES": "recipes",
        "TrainConfig": "config",
        "TrainResult": "result",
        "check_path": "rundir",
        "default_path": "rundir",
        "read_config": "config",
        "recipe": "recipes",
        "train": "run",
    },
)
