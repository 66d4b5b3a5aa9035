import json

import artifact_fixtures as fixtures
import numpy as np
import pytest
from artifact_fixtures import CONFIG, DENSE, POOL, WEIGHTS, edit_layer, layer

from mnistcnn.artifact import check_bytes, inspect_artifact, outputs
from mnistcnn.artifact.config import parse_config
from mnistcnn.artifact.outputs import check_outputs
from mnistcnn.artifact.weights import write_weights
from mnistcnn.errors import ArtifactError

pytestmark = pytest.mark.core


# === Networks ===


def make(*extra, at=None, weights=None, **options) -> bytes:
    """The good network with more layers, and these arrays for all of them.

    `extra` come before the layer at `at`, or at the end; `options` are the
    last dense layer's; arrays that are not given are noise.
    """
    config = fixtures.make_config()
    layers = config["config"]["layers"]
    layers[DENSE]["config"].update(options)
    at = len(layers) if at is None else at
    layers[at:at] = extra
    name, specs = parse_config(config)
    rng = np.random.default_rng(0)
    arrays = [
        [rng.normal(size=shape).astype("f4") for shape in spec.weight_shapes]
        for spec in specs
    ]
    for (number, index), array in (weights or {}).items():
        arrays[number][index][:] = array
    members = fixtures.good_members()
    members[CONFIG] = json.dumps(config).encode()
    members[WEIGHTS] = write_weights(specs, arrays, name=name)
    return fixtures.seal(fixtures.sign(members))


def normalization(**options):
    return layer(
        "BatchNormalization",
        "norm",
        **{
            "axis": -1,
            "momentum": 0.9,
            "epsilon": 1e-3,
            "center": True,
            "scale": True,
        }
        | options,
    )


def dense(**options):
    found = fixtures.make_config()["config"]["layers"][DENSE]
    found["config"].update({"name": "last", "activation": "linear"} | options)
    return found


VARIANCE = (2, 3)
SHARES = np.full((10, 10), 0.1, "f4")
NEGATIVE = np.eye(10, dtype="f4") * 1.5 - 0.05
CASES = {
    "a linear head": lambda: edit_layer(DENSE, activation="linear"),
    "a head of another kind": lambda: edit_layer(DENSE, activation="relu"),
    "a softmax and a scale": lambda: make(
        layer("Rescaling", "twice", scale=2.0, offset=0.0)
    ),
    "a softmax and a bias": lambda: make(
        dense(), weights={(6, 0): SHARES, (6, 1): 0}
    ),
    "a softmax and shares that are not whole": lambda: make(
        dense(use_bias=False), weights={(6, 0): SHARES * 1.01}
    ),
    "a softmax and a negative share": lambda: make(
        dense(use_bias=False), weights={(6, 0): NEGATIVE}
    ),
    "a softmax for each place": lambda: make(
        layer("Activation", "early", activation="softmax"),
        at=POOL + 1,
        activation="linear",
    ),
    "huge weights": lambda: make(weights={(1, 0): 3e38}),
    "weights that are huge together": lambda: make(
        weights={(1, 0): 1e20, (5, 0): 1e17}
    ),
    "a huge bias": lambda: make(weights={(5, 1): 3e38}),
    "a negative variance": lambda: make(
        normalization(), at=POOL, weights={VARIANCE: -1}
    ),
    "a variance a little below zero": lambda: make(
        normalization(), at=POOL, weights={VARIANCE: -1e-4}
    ),
    "no variance at all": lambda: make(
        normalization(epsilon=0.0), at=POOL, weights={VARIANCE: 0}
    ),
    "a huge mean": lambda: make(
        normalization(), at=POOL, weights={(2, 2): 3e38, VARIANCE: 1}
    ),
    "scales on scales": lambda: make(
        *(layer("Rescaling", f"s{i}", scale=1e6, offset=0.0) for i in range(6)),
        at=POOL,
    ),
}


# === Tests ===


@pytest.mark.parametrize("name", CASES)
def test_what_gives_no_probabilities_is_refused(name):
    fixtures.refuse(CASES[name](), "not-probabilities", "Expected probabilit")


@pytest.mark.parametrize(
    "build",
    [
        lambda: make(),
        lambda: make(layer("Dropout", "late", rate=0.5)),
        lambda: make(
            layer("Activation", "late", activation="softmax"),
            activation="linear",
        ),
        lambda: make(dense(use_bias=False), weights={(6, 0): SHARES}),
        lambda: make(normalization(), at=POOL, weights={VARIANCE: 0}),
        lambda: make(weights={(1, 0): 1e6, (5, 0): 1e6}),
        lambda: make(
            normalization(center=False, scale=False),
            at=POOL,
            weights={(2, 1): 1},
        ),
    ],
)
def test_what_gives_probabilities_is_accepted(build):
    check_bytes(build())


def test_no_picture_goes_beyond_the_bound(monkeypatch):
    """The bound holds: of a convolution, its every sign the worst."""
    found = inspect_artifact()
    kernel, bias = found.weights[1]
    bounds = []
    bound = outputs._bound

    def note(spec, arrays, most):
        bounds.append(bound(spec, arrays, most))
        return bounds[-1]

    monkeypatch.setattr(outputs, "_bound", note)
    check_outputs(found.layers, found.weights)
    # White where a weight is positive: what the first layer can reach.
    reach = np.maximum(kernel, 0).sum(axis=(0, 1, 2)) + bias
    assert (bounds[1] >= np.maximum(reach, 1) - 1e-5).all()
    assert (bounds[1] <= np.abs(kernel).sum(axis=(0, 1, 2)) + 2).all()
    assert bounds[-1].shape == (10,)
    assert bounds[-1].max() < 1e9


def test_many_layers_are_no_reason():
    rng = np.random.default_rng(0)
    wide = fixtures.make_config()["config"]["layers"][fixtures.CONV]
    wide["config"].update(padding="same", filters=16)
    many = []
    for number in range(20):
        copied = json.loads(json.dumps(wide))
        copied["config"]["name"] = f"deep{number}"
        many.append(copied)
    weights = {
        (3 + number, 0): rng.normal(
            0, (2 / 144) ** 0.5, (3, 3, 2 if number == 0 else 16, 16)
        )
        for number in range(20)
    }
    check_bytes(make(*many, at=POOL + 1, weights=weights))


def test_the_shipped_network_is_far_from_the_bound():
    found = inspect_artifact()
    # A million times its weights in one layer would be well.
    arrays = [list(row) for row in found.weights]
    arrays[1] = [array * 1e6 for array in arrays[1]]
    check_outputs(found.layers, arrays)
    arrays[1] = [array * 1e20 for array in arrays[1]]
    arrays[3] = [array * 1e12 for array in arrays[3]]
    with pytest.raises(ArtifactError, match="become infinite or NaN"):
        check_outputs(found.layers, arrays)
