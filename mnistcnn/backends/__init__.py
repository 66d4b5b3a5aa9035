"""The only switch: the framework that Keras runs on, and its interface.

In: `KERAS_BACKEND`. Out: `keras`, which everything that needs Keras imports
from here, so that the backend is chosen and checked before Keras makes its own
choice; `active`, the backend in use, a `Backend` (`contract.py`). Only these
files may name a framework; imports `errors`. Keras is imported when a name that
needs it is first used.
"""

from typing import TYPE_CHECKING

from mnistcnn.lazy import attach

if TYPE_CHECKING:
    from mnistcnn.backends.contract import TITLES as TITLES
    from mnistcnn.backends.contract import Backend as Backend
    from mnistcnn.backends.contract import Device as Device
    from mnistcnn.backends.contract import PlanTrainer as PlanTrainer
    from mnistcnn.backends.contract import Predictor as Predictor
    from mnistcnn.backends.environment import check_training as check_training
    from mnistcnn.backends.environment import (
        choose_precision as choose_precision,
    )
    from mnistcnn.backends.environment import (
        describe_environment as describe_environment,
    )
    from mnistcnn.backends.environment import describe_host as describe_host
    from mnistcnn.backends.environment import (
        describe_memory as describe_memory,
    )
    from mnistcnn.backends.environment import device_line as device_line
    from mnistcnn.backends.forks import check_process as check_process
    from mnistcnn.backends.groups import Devices as Devices
    from mnistcnn.backends.groups import Group as Group
    from mnistcnn.backends.groups import count_devices as count_devices
    from mnistcnn.backends.launches import find_launch as find_launch
    from mnistcnn.backends.launches import launch as launch
    from mnistcnn.backends.numpy import (
        make_numpy_predictor as make_numpy_predictor,
    )
    from mnistcnn.backends.numpy import run_layers as run_layers
    from mnistcnn.backends.places import cache_folder as cache_folder
    from mnistcnn.backends.places import keras_folder as keras_folder
    from mnistcnn.backends.planning import make_plan as make_plan
    from mnistcnn.backends.registry import importing_little as importing_little
    from mnistcnn.backends.registry import is_installed as is_installed
    from mnistcnn.backends.registry import list_installed as list_installed
    from mnistcnn.backends.registry import title as title
    from mnistcnn.backends.runtimes import OPENERS as OPENERS
    from mnistcnn.backends.runtimes import run_page as run_page
    from mnistcnn.backends.settings import own_generators as own_generators
    from mnistcnn.backends.settings import own_settings as own_settings
    from mnistcnn.backends.stock import has_own_call as has_own_call
    from mnistcnn.backends.stock import is_stock as is_stock
    from mnistcnn.backends.switch import active as active
    from mnistcnn.backends.switch import choose as choose
    from mnistcnn.backends.switch import import_seconds as import_seconds
    from mnistcnn.backends.switch import keras as keras
    from mnistcnn.backends.switch import name as name
    from mnistcnn.backends.threads import claim_threads as claim_threads
    from mnistcnn.backends.threads import one_thread as one_thread
    from mnistcnn.backends.threads import small_work as small_work
else:
    __getattr__, __dir__ = attach(
        __name__,
        contract="TITLES Backend Device PlanTrainer Predictor",
        environment="check_training choose_precision describe_environment "
        "describe_host describe_memory device_line",
        forks="check_process",
        groups="Devices Group count_devices",
        launches="find_launch launch",
        numpy="make_numpy_predictor run_layers",
        places="cache_folder keras_folder",
        planning="make_plan",
        registry="importing_little is_installed list_installed title",
        runtimes="OPENERS run_page",
        settings="own_generators own_settings",
        stock="has_own_call is_stock",
        switch="active choose import_seconds keras name",
        threads="claim_threads one_thread small_work",
    )
