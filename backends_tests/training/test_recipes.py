import dataclasses
import json

import pytest

from mnistcnn.errors import ConfigError
from mnistcnn.training import RECIPES, TrainConfig, read_config, recipe

pytestmark = pytest.mark.core


def test_the_tutorial_is_the_source_s():
    config = recipe("tutorial")
    assert (config.batch_size, config.epochs, config.validation) == (
        32,
        50,
        0.3,
    )
    assert (config.patience, config.min_delta) == (4, 0.01)
    assert (config.dropout, config.augment) == (0.25, 0)


def test_each_recipe_goes_by_its_name():
    assert list(RECIPES) == ["tutorial", "fast", "best", "deep", "drawing"]
    assert all(recipe(name).recipe == name for name in RECIPES)


def test_a_config_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe("fast").epochs = 3


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bset", 'There is no recipe "bset".*drawing: did you mean "best"?'),
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


# === Files ===


def test_a_config_comes_back_from_its_file(tmp_path):
    config = dataclasses.replace(recipe("best"), filters=[8, 16], freeze=True)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(dataclasses.asdict(config)))
    assert read_config(path) == config
    path.write_text('{"epochs": 3, "learning_rate": 1}')
    assert read_config(path) == TrainConfig(epochs=3, learning_rate=1)


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
