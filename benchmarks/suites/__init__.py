"""The suites: what is measured, and how one process measures it.

A suite is a module, or an object, with `VERSION`, which is incremented when
what it measures changes; `REPEATS`; `WARMUP`, how often everything is run
before timing starts; `plan(quick)`, the jobs of one repeat, flat dicts, of
which those with `once` run only in the first repeat; and `measure(job)`, which
runs in its own process and returns records and free facts, which are passed to
later jobs. The runner reads the plans and must not import frameworks, whose
memory would count as its children's: `measure` imports what it measures.
"""

import importlib

from mnistcnn.errors import ConfigError
from suites.suite_results import SUITES


def load(name: str):
    """Imports a suite.

    Raises:
        ConfigError: there is none of that name.
    """
    if name not in SUITES:
        raise ConfigError(
            f'The suite is "{name}". Expected one of {", ".join(SUITES)}: '
            "pick one of them, or none for all."
        )
    if name.startswith("time_to_"):
        # A module of three suites, one for each target.
        module = importlib.import_module("suites.time_to_accuracy")
        return module.TARGETS[name]
    return importlib.import_module(f"suites.{name}")
