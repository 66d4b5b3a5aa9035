import pytest

from mnistcnn.errors import ConfigError
from mnistcnn.training import TrainConfig, as_recipe, recipe
from mnistcnn.tuning import check_space, searchspace
from mnistcnn.tuning.searchspace import NAMES, suggest

pytestmark = pytest.mark.core


class Lowest:
    """A trial that takes the first of all, and notes what it is asked."""

    def __init__(self):
        self.asked = {}

    def suggest_float(self, name, low, high, **options):
        self.asked[name] = (low, high)
        return low

    suggest_int = suggest_float

    def suggest_categorical(self, name, choices):
        self.asked[name] = choices
        return choices[0]


def test_a_trial_becomes_a_config():
    trial = Lowest()
    config = suggest(trial, recipe("fast"), NAMES).config
    assert config.recipe == "tuned"
    assert config.learning_rate == searchspace.LEARNING_RATES[0]
    assert config.batch_size == searchspace.BATCH_SIZES[0]
    assert config.filters == (16, 32)
    assert config.epochs == recipe("fast").config.epochs
    assert trial.asked["filters_2"] == (32, 96)


def test_each_network_has_widths_of_its_own():
    base = as_recipe(TrainConfig(model="deep"))
    config = suggest(Lowest(), base, ["filters"]).config
    assert config.filters == (16, 32, 48, 128)
    assert config.learning_rate == TrainConfig().learning_rate


def test_what_is_not_asked_for_is_not_varied():
    trial = Lowest()
    suggest(trial, recipe("fast"), ["dropout"])
    assert list(trial.asked) == ["dropout"]


def test_names_are_checked():
    assert check_space(["augment", "dropout"]) == ("dropout", "augment")
    with pytest.raises(ConfigError, match='is to vary "width". Expected some'):
        check_space(["dropout", "width"])
    with pytest.raises(ConfigError, match="is to vary nothing"):
        check_space([])
