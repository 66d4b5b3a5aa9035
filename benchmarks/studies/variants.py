"""The studies of accuracy, as data: which recipes, and on which images."""

import dataclasses

from formats.result_faults import require
from mnistcnn.errors import ConfigError
from mnistcnn.training import (
    Recipe,
    TrainConfig,
    parse_recipe,
    recipe,
    teach,
    write_recipe,
)

NUM_SCORED = 10_000  # images of the test set, and of the held-out part
QUICK = {"epochs": 1}
QUICK_IMAGES = 2_000
BESIDES = {"pen_widths", "teacher"}  # changes that are not fields of a config


@dataclasses.dataclass(frozen=True)
class Variant:
    """A recipe, with changes.

    Args:
        name: in results and tables.
        changes: fields of `TrainConfig` with values that differ from the
            recipe's; `teacher`, the recipe of a network to learn from;
            `pen_widths`, minimum and maximum, which are not part of a recipe.
        recipe: its name.
        rotations: whether images are read in several rotations if the recipe
            does so; by default each is read once.
    """

    name: str
    changes: dict = dataclasses.field(default_factory=dict)
    recipe: str = "best"
    rotations: bool = False

    def find_recipe(self, *, quick: bool = False) -> Recipe:
        """Returns the recipe with the changes.

        Args:
            quick: for a quick look, of one epoch.

        Raises:
            ConfigError: a change is out of its range.
        """
        changes = self.changes | (QUICK if quick else {})
        changes = {key: changes[key] for key in changes if key not in BESIDES}
        found = recipe(self.recipe).vary(**changes)
        if not self.rotations:
            found = found.without("rotations")
        teacher = self.changes.get("teacher")
        return teach(found, teacher) if teacher else found

    def config(self, *, quick: bool = False) -> dict:
        """Returns the recipe as JSON, without regard to the seed.

        Args and Raises: as for `find_recipe`.
        """
        return write_recipe(self.find_recipe(quick=quick))


@dataclasses.dataclass(frozen=True)
class Study:
    """Variants that are trained and scored in the same way.

    Args:
        name: of its result files.
        part: what is scored: `"test"`, after training on all 60,000 images;
            or `"held-out"`, the last 10,000 of those, after training on the
            others, which reserves the test set for published scores.
        variants: the others are compared with the first.
        strokes: whether training includes files of pen strokes besides MNIST;
            some of their writers are then held out, too.
    """

    name: str
    part: str
    variants: tuple[Variant, ...]
    strokes: bool = False


STUDIES = {
    study.name: study
    for study in (
        Study("best", "test", (Variant("best", rotations=True),)),
        Study(
            "deep", "test", (Variant("deep", recipe="deep", rotations=True),)
        ),
        # One change each, without adapting anything else to it.
        Study(
            "ablation",
            "held-out",
            (
                Variant("best"),
                Variant("no warps", {"augment": 0.0}),
                Variant("half the warps", {"augment": 0.5}),
                Variant("constant learning rate", {"schedule": "constant"}),
                Variant("no dropout", {"dropout": 0.0}),
                Variant("batch size 32", {"batch_size": 32}),
                Variant("batch size 250", {"batch_size": 250}),
                Variant("15 epochs", {"epochs": 15}),
                Variant("float32", {"precision": "float32"}),
                Variant("elastic warps besides", {"elastic": 0.7}),
                Variant("averaged weights", {"ema_momentum": 0.999}),
                Variant("label smoothing", {"label_smoothing": 0.05}),
                Variant("deep for a teacher", {"teacher": "deep"}),
            ),
        ),
        Study("best-strokes", "test", (Variant("best"),), strokes=True),
        Study(
            "deep-strokes",
            "test",
            (Variant("deep", recipe="deep"),),
            strokes=True,
        ),
        Study(
            "ablation-strokes",
            "held-out",
            (
                Variant("best"),
                Variant("no pen strokes", {"stroke_copies": 0}),
                Variant("each stroke drawn twice", {"stroke_copies": 2}),
                Variant("one pen width", {"pen_widths": [2.25, 2.25]}),
                Variant("a quarter degraded", {"degrade": 0.25}),
                Variant("12,000 non-digits", {"nondigits": 12_000}),
                Variant("model medium", {"model": "medium"}),
            ),
            strokes=True,
        ),
    )
}


def find_study(name: str) -> Study:
    """Finds a study by its name.

    Raises:
        ConfigError: there is none.
    """
    if name not in STUDIES:
        raise ConfigError(
            f'The study is "{name}". Expected one of {", ".join(STUDIES)}: '
            "pick one of them."
        )
    return STUDIES[name]


def check_teacher(result, place: str) -> TrainConfig:
    """Checks the recipe of a result's first training; returns the main config.

    Args:
        result: a `VariantResult`.
        place: its path in the file.

    Raises:
        ValueError: it is not the teacher's recipe or, without a teacher, the
            result's.
    """
    found = parse_recipe(result.config)
    first = getattr(found.steps[0], "config", found.config).recipe
    expected = result.changes.get("teacher", result.recipe)
    require(first == expected, f"{place}.config.recipe", first, expected)
    return found.config
