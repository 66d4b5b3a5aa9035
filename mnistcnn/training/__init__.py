"""A run: a recipe's steps, epochs on a backend, checkpoints, run directory.

In: a `TrainConfig` or a `Recipe`, and a `Dataset`. Out: a run directory with
the best model as an artifact. Imports everything above it, down to the page
that a run ends with. Configs, recipes and run directories need no Keras.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.training.api import train as train
    from mnistcnn.training.completion import complete_run as complete_run
    from mnistcnn.training.composition import Recipe as Recipe
    from mnistcnn.training.composition import as_recipe as as_recipe
    from mnistcnn.training.config import TrainConfig as TrainConfig
    from mnistcnn.training.exploration import EXPLORED as EXPLORED
    from mnistcnn.training.exploration import explore as explore
    from mnistcnn.training.finetuneconfig import (
        FinetuneConfig as FinetuneConfig,
    )
    from mnistcnn.training.finetuning import finetune as finetune
    from mnistcnn.training.interruption import Interrupted as Interrupted
    from mnistcnn.training.interruption import (
        dying_at_the_second as dying_at_the_second,
    )
    from mnistcnn.training.recipefiles import parse_recipe as parse_recipe
    from mnistcnn.training.recipefiles import read_config as read_config
    from mnistcnn.training.recipefiles import read_sources as read_sources
    from mnistcnn.training.recipefiles import write_recipe as write_recipe
    from mnistcnn.training.recipes import RECIPES as RECIPES
    from mnistcnn.training.recipes import recipe as recipe
    from mnistcnn.training.recipes import teach as teach
    from mnistcnn.training.renaming import RENAMED as RENAMED
    from mnistcnn.training.replacing import check_free as check_free
    from mnistcnn.training.result import TrainResult as TrainResult
    from mnistcnn.training.rundir import check_path as check_path
    from mnistcnn.training.rundir import default_path as default_path
    from mnistcnn.training.rundir import take_out as take_out
else:
    __getattr__, __dir__ = attach(
        __name__,
        api="train",
        completion="complete_run",
        composition="Recipe as_recipe",
        config="TrainConfig",
        exploration="EXPLORED explore",
        finetuneconfig="FinetuneConfig",
        finetuning="finetune",
        interruption="Interrupted dying_at_the_second",
        recipefiles="parse_recipe read_config read_sources write_recipe",
        recipes="RECIPES recipe teach",
        renaming="RENAMED",
        replacing="check_free",
        result="TrainResult",
        rundir="check_path default_path take_out",
    )
