"""What goes wrong, by who can mend it.

Every exception here carries one line: what was received, what was expected,
what to do. The command line prints that line and exits with the class's
`exit_code`.
"""


class MnistcnnError(ValueError):
    """The base of every error that a user can mend."""

    exit_code = 2


class DataError(MnistcnnError):
    """A data set, an image or a label is not what it has to be."""


class ConfigError(MnistcnnError):
    """An option, a recipe or a path does not make sense."""


class BackendError(MnistcnnError):
    """`KERAS_BACKEND` names a backend that cannot be used here."""


class DivergedError(MnistcnnError):
    """Training went to numbers that are none."""

    exit_code = 3


class PlanError(MnistcnnError):
    """A model that the engine has no plan for; `fit` can train it."""


class DisplayError(MnistcnnError):
    """There is no screen to open a window on."""


class ArtifactError(MnistcnnError):
    """A `.keras` file is missing, broken, or not one of ours.

    Args:
        code: what is wrong, as a short stable word (`"truncated"`).
        detail: the sentence for a person.
    """

    def __init__(self, code: str, detail: str):
        super().__init__(f"{detail} [{code}]")
        self.code = code
        self.detail = detail
