"""The suites: what is measured, and how one process measures it.

A suite is a module, or an object, with `VERSION`, which grows when what it
measures changes; `REPEATS`; `WARMUP`, how often everything is run before the
clock starts;
`plan(quick)`, the jobs of one repeat, flat dicts, those with `once` of the
first repeat alone; and `measure(job)`, which runs in a process of its own and
returns records and free facts, which later jobs are given. The runner reads
the plans and has to stay free of frameworks, whose memory its children would
be charged with: `measure` imports what it measures.
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
