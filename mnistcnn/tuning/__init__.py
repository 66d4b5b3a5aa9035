"""Hyperparameter search: Optuna proposes configs, short runs score them.

In: a `TrainConfig` and the options to vary. Out: the best config, a study, its
page. Imports `training` and `report`.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.tuning.search import tune as tune
    from mnistcnn.tuning.searchspace import check_search as check_search
    from mnistcnn.tuning.searchspace import check_space as check_space
    from mnistcnn.tuning.storages import check_folder as check_folder
    from mnistcnn.tuning.studies import import_optuna as import_optuna
else:
    __getattr__, __dir__ = attach(
        __name__,
        search="tune",
        searchspace="check_search check_space",
        storages="check_folder",
        studies="import_optuna",
    )
