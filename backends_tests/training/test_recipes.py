import dataclasses
import json

import numpy as np
import pytest

from mnistcnn.cli.options import name_data
from mnistcnn.errors import ConfigError
from mnistcnn.training import (
    RECIPES,
    FinetuneConfig,
    Recipe,
    TrainConfig,
    as_recipe,
    read_config,
    read_sources,
    recipe,
    teach,
    write_recipe,
)
from mnistcnn.training.recipes import lead_with
from mnistcnn.training.steps import name_kind
from mnistcnn.training.steps.calibration import Calibration
from mnistcnn.training.steps.interpolation import Interpolation
from mnistcnn.training.steps.rejection import Rejection
from mnistcnn.training.steps.training import Training

pytestmark = pytest.mark.core


def test_the_tutorial_is_the_source_s():
    config = recipe("tutorial").config
    assert (config.batch_size, config.epochs, config.validation) == (
        32,
        50,
        0.3,
    )
    assert (config.patience, config.min_delta) == (4, 0.01)
    assert (config.dropout, config.augment) == (0.25, 0)


def test_each_recipe_goes_by_its_name():
    assert " ".join(RECIPES) == "tutorial fast short best deep drawing"
    assert all(
        recipe(name).name == recipe(name).config.recipe == name
        for name in RECIPES
    )


def test_a_config_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe("fast").config.epochs = 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bset", 'There is no recipe "bset".*drawing: did you mean "best"?'),
        (None, 'There is no recipe "None". Expected one of tutorial, fast'),
        ("zzz", 'There is no recipe "zzz". Expected one of tutorial, fast'),
    ],
)
def test_an_unknown_recipe_is_refused(name, text):
    with pytest.raises(ConfigError, match=text):
        recipe(name)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"seed": -1}, "seed is -1. Expected 0 or more"),
        ({"epochs": 0}, "epochs is 0. Expected 1 or more"),
        ({"batch_size": 0}, "batch_size is 0. Expected 1 or more"),
        ({"learning_rate": 0}, "learning_rate is 0. Expected above 0"),
        ({"schedule": "step"}, "schedule is 'step'. Expected \"constant\""),
        ({"dropout": 1.0}, "dropout is 1.0. Expected 0 to below 1"),
        ({"validation": 1}, "validation is 1. Expected 0 to below 1"),
        ({"patience": -2}, "patience is -2. Expected 0 or more"),
        ({"min_delta": -0.1}, "min_delta is -0.1. Expected 0 or more"),
        ({"augment": 3}, "augment is 3. Expected 0 to 2"),
        ({"engine": "turbo"}, "engine is 'turbo'. Expected \"auto\" or"),
        ({"precision": "half"}, "precision is 'half'. Expected \"float32\""),
        (
            {"engine": "fit", "precision": "bfloat16"},
            "precision is bfloat16 but engine is fit",
        ),
        (
            {"patience": 2, "validation": 0},
            "patience is 2 but validation is 0. Early stopping needs",
        ),
    ],
)
def test_values_out_of_range_are_refused(changes, text):
    with pytest.raises(ConfigError, match=text):
        TrainConfig(**changes)


@pytest.mark.parametrize(
    "call",
    [
        TrainConfig,
        recipe("best").vary,
        lambda **changes: dataclasses.replace(TrainConfig(), **changes),
    ],
)
def test_a_misspelt_field_is_a_type_error_that_names_the_nearest(call):
    for wrong, right in (
        ("epoch", "epochs"),
        ("learning_rat", "learning_rate"),
    ):
        text = f"no field '{wrong}'. Expected its own: did you mean \"{right}\""
        with pytest.raises(TypeError, match=text):
            call(**{wrong: 1})
    with pytest.raises(TypeError, match="no field 'zzz'. .*: delete it."):
        call(zzz=1)


# === Files ===


def test_a_config_comes_back_from_its_file(tmp_path):
    config = recipe("best").vary(filters=[8, 16], freeze=True)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(write_recipe(config)))
    assert read_config(path) == config
    path.write_text('{"epochs": 3, "learning_rate": 1}')
    expected = TrainConfig(epochs=3, learning_rate=1)
    assert read_config(path).config == expected


def test_a_config_s_file_may_name_the_data(tmp_path):
    path = tmp_path / "config.json"
    for named, expected in (
        ("mnist", ["mnist"]),
        (["mnist", "a b.npz"], ["mnist", "a b.npz"]),
    ):
        path.write_text(json.dumps({"epochs": 3, "data": named}))
        assert read_config(path).config == TrainConfig(epochs=3)
        assert name_data(None, path) == read_sources(path) == expected
        # The command line counts more.
        assert name_data(["strokes"], path) == ["strokes"]
    path.write_text(json.dumps(write_recipe(recipe("drawing"))))
    assert read_sources(path) is None and name_data(None, None) is None
    for wrong in (3, [], ["mnist", 3], {"mnist": "a.npz"}, ""):
        path.write_text(json.dumps({"data": wrong}))
        with pytest.raises(ConfigError, match="has data = .*Expected a text"):
            read_sources(path)


@pytest.mark.parametrize("name", ["tutorial", "drawing"])
def test_a_recipe_comes_back_from_its_file(name, tmp_path):
    varied = recipe(name).vary(seed=4, epochs=2)
    for each in (varied, teach(varied, "fast")):
        path = tmp_path / "config.json"
        path.write_text(json.dumps(write_recipe(each)))
        assert read_config(path) == each


def test_a_config_of_before_there_were_steps_is_read(tmp_path):
    """What the drawing recipe wrote when its config had all of it."""
    old = {
        "recipe": "drawing",
        "model": "medium",
        "filters": [40, 80, 96],
        "epochs": 12,
        "batch_size": 125,
        "learning_rate": 0.002,
        "schedule": "cosine",
        "average": 0.0,
        "dropout": 0.2,
        "validation": 1 / 12,
        "augment": 1.0,
        "drawn": 4000,
        "nondigits": 20000,
        "calibrate": True,
        "teacher": "",
        "precision": "auto",
        "start": "best",
        "blend": 0.65,
    }
    path = tmp_path / "config.json"
    path.write_text(json.dumps(old))
    with pytest.warns(UserWarning, match="has drawn, which no longer exists"):
        found = read_config(path)
    kinds = [name_kind(step) for step in found.steps]
    assert kinds == [
        *("training", "calibration", "training"),
        *("interpolation", "rejection", "calibration"),
    ]
    assert found.config.nondigits == 20_000
    assert found.steps[0].config.recipe == "best"
    # A network from outside is not here: what is left is trained anew.
    path.write_text(json.dumps({"start": "0" * 64, "blend": 0.5, "epochs": 3}))
    assert read_config(path) == as_recipe(TrainConfig(epochs=3))
    path.write_text(json.dumps({"teacher": "0" * 64}))
    with pytest.raises(ConfigError, match="pass it as --teacher"):
        read_config(path)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([{"step": "levitation"}], "A step is 'levitation'. Expected one of"),
        ([{"step": "../training"}], "A step is '../training'"),
        ([{"step": "calibration"}], "calibration follows on nothing"),
        (
            [{"step": "training"}],
            r"with the fields \[\]. Expected \['config', 'start'\]",
        ),
        ([{"step": "start", "path": "/a"}], r"with the fields \['path'\]"),
        ([1], "has the step '1'. Expected an object"),
        ([], "trains nothing"),
        ("training", "has steps = 'training'. Expected a list of steps"),
    ],
)
def test_steps_that_cannot_be_are_refused(steps, said, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"recipe": "mine", "steps": steps}))
    with pytest.raises(ConfigError, match=said):
        read_config(path)


def test_what_is_varied_holds_for_the_trainings_before():
    main = dataclasses.replace(
        recipe("drawing").config, learning_rate=0.002, stroke_copies=3
    )
    steps = (*lead_with("best", main), Training(main), Calibration())
    varied = Recipe("two", steps).vary(seed=7, validation=0.25, dropout=0.1)
    configs = [s.config for s in varied.steps if hasattr(s, "config")]
    assert [c.seed for c in configs] == [7, 7]
    assert [c.validation for c in configs] == [0.25, 0.25]
    assert [c.dropout for c in configs] == [0.1, 0.1]
    # Those of its own it keeps.
    assert [c.learning_rate for c in configs] == [0.004, 0.002]
    assert [c.stroke_copies for c in configs] == [1, 3]


def test_the_rejection_step_needs_a_class_to_fit():
    config = TrainConfig()
    with pytest.raises(ConfigError, match="nondigits is 0"):
        Recipe("mine", (Training(config), Rejection()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"epoch": 3}', 'has the field "epoch".*did you mean "epochs"?'),
        ('{"zzz": 3}', 'has the field "zzz".*delete it'),
        ('{"epochs": "3"}', "has epochs = '3'. Expected a value like 10"),
        ('{"epochs": true}', "has epochs = 'True'"),
        ('{"epochs": 0}', "epochs is 0. Expected 1 or more"),
        ('{"learning_rate": NaN}', "has learning_rate = 'nan'"),
        ('{"filters": [8, "a"]}', "has filters"),
        ('{"filters": [8]}', r"filters is \[8\]. Expected 2 whole numbers"),
        ('{"model": "deeep"}', 'no network "deeep".*did you mean "deep"?'),
        ("[1]", "is no config .it holds"),
        ("{", "is no config"),
        ("[" * 5000, "is no config"),
    ],
)
def test_a_file_that_is_no_config_is_refused(text, said, tmp_path):
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_config(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="No such file.*check the path"):
        read_config(tmp_path / "config.json")


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("seed", np.int64(3), 3),
        ("epochs", np.array(3), 3),
        ("batch_size", 64.0, 64),  # a row of pandas has floats alone
        ("batch_size", np.float64(64), 64),
        ("learning_rate", np.float32(0.5), 0.5),
        ("dropout", 0, 0.0),
        ("freeze", np.True_, True),
        ("filters", np.array([16, 48]), (16, 48)),
        ("filters", [np.int8(16), 48.0], (16, 48)),
        ("model", np.str_("deep"), "deep"),
    ],
)
def test_numbers_of_other_libraries_are_taken(name, given, expected):
    config = TrainConfig(**{name: given})
    found = getattr(config, name)
    assert found == expected
    if not isinstance(found, tuple):
        assert type(found) is type(
            TrainConfig.__dataclass_fields__[name].default
        )
    # What a checkpoint, a card and config.json need.
    assert json.loads(json.dumps(dataclasses.asdict(config)))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("epochs", "1"),
        ("epochs", True),
        ("epochs", 1.5),
        ("epochs", None),
        ("epochs", np.array([1, 2])),
        ("seed", float("inf")),
        ("learning_rate", "0.001"),
        ("learning_rate", float("nan")),
        ("learning_rate", np.array([0.1])),
        ("dropout", 1j),
        ("freeze", "yes"),
        ("freeze", 1),
        ("filters", 32),
        ("filters", "ab"),
        ("filters", [True, 2]),
        # In what order?
        ("filters", {16, 8}),
        ("filters", {16: 8, 8: 16}),
        # No float is as large.
        *((name, 10**400) for name in ("epochs", "min_delta", "seed")),
        ("learning_rate", 10**400),
        ("learning_rate", -(10**400)),
        ("model", ["base"]),
        ("schedule", 3),
    ],
)
def test_what_is_no_number_is_a_config_error(name, given):
    with pytest.raises(ConfigError, match="Expected") as error:
        TrainConfig(**{name: given})
    assert "\n" not in str(error.value)


def test_shares_of_other_libraries_are_taken():
    assert type(FinetuneConfig(share=np.float32(0.5)).share) is float
    assert type(Interpolation(np.float64(0.5)).share) is float
    with pytest.raises(ConfigError, match="share is '0.5'"):
        FinetuneConfig(share="0.5")
    with pytest.raises(ConfigError, match="share is None"):
        Interpolation(None)


def test_fields_are_taken_by_their_old_names_with_a_warning():
    with pytest.warns(DeprecationWarning, match="average=...\\) is now ema_mo"):
        config = TrainConfig(average=0.9, epochs=2)
    assert config == TrainConfig(ema_momentum=0.9, epochs=2)
    with pytest.raises(ConfigError, match="average and ema_momentum are giv"):
        TrainConfig(average=0.9, ema_momentum=0.9)
    with pytest.raises(TypeError, match="TrainConfig has no field 'dawn'"):
        TrainConfig(dawn=1)
