import json
import os

import artifact_fixtures as fixtures
import pytest
from artifact_fixtures import (
    CONV,
    DENSE,
    DROPOUT,
    FLATTEN,
    POOL,
    SCALE,
    edit_layer,
    edit_node,
    layer,
    make_config,
    node,
)

from mnistcnn.artifact.config import parse_config
from mnistcnn.errors import ArtifactError
from mnistcnn.network.architectures import ARCHITECTURES, layer_plan

pytestmark = pytest.mark.core


# === Cases ===


def edit_config(change) -> bytes:
    return fixtures.edit_json(fixtures.CONFIG, change)


def edit_model(**keys) -> bytes:
    return edit_config(lambda config: config["config"].update(keys))


def edit_layers(change) -> bytes:
    return edit_config(lambda config: change(config["config"]["layers"]))


def drop_option(index: int, key: str) -> bytes:
    return edit_layers(lambda layers: layers[index]["config"].pop(key))


def function(name: str) -> dict:
    return node("function", name, module="builtins")


def initializer(**keys) -> dict:
    zeros = node("Zeros", {}, module="keras.initializers")
    return zeros | keys


def wide(filters: int, number: int, size: int = 1) -> dict:
    """A convolution that keeps the image's size."""
    found = json.loads(json.dumps(make_config()["config"]["layers"][CONV]))
    found["config"].update(
        name=f"wide{number}",
        filters=filters,
        kernel_size=[size, size],
        padding="same",
    )
    return found


CASES = {
    "Lambda": (
        lambda: edit_node(FLATTEN, class_name="Lambda", config={"code": "4w"}),
        "config-class",
        "a layer of the class 'Lambda'. Expected a stock layer",
    ),
    # Found by the fuzzer: each takes four characters where it is shown.
    "what cannot be printed": (
        lambda: edit_node(FLATTEN, class_name="Fl" + "\x7f" * 999),
        "config-class",
        r"of the class 'Fl\\x7f",
    ),
    "TFSMLayer": (
        lambda: edit_node(
            FLATTEN, class_name="TFSMLayer", config={"filepath": "/etc/passwd"}
        ),
        "config-class",
        "'TFSMLayer'",
    ),
    "TorchModuleWrapper": (
        lambda: edit_node(FLATTEN, class_name="TorchModuleWrapper"),
        "config-class",
        "'TorchModuleWrapper'",
    ),
    "StringLookup": (
        lambda: edit_node(
            FLATTEN,
            class_name="StringLookup",
            config={"vocabulary": "/etc/passwd"},
        ),
        "config-class",
        "'StringLookup'",
    ),
    "module": (
        lambda: edit_node(CONV, module="os"),
        "config-class",
        "'os.Conv2D'",
    ),
    "module of the model": (
        lambda: edit_config(lambda config: config.update(module="evil")),
        "config-class",
        "the model of the class 'evil.Sequential'. Expected Sequential",
    ),
    "Functional": (
        lambda: edit_config(lambda c: c.update(class_name="Functional")),
        "config-class",
        "'Functional'. Expected Sequential",
    ),
    "class no word": (
        lambda: edit_node(CONV, class_name=["Conv2D"]),
        "config-class",
        "Conv2D",
    ),
    "function as activation": (
        lambda: edit_layer(CONV, activation=function("relu")),
        "config-class",
        "Conv2D 'conv1' with activation of the class 'function'",
    ),
    "class as initializer": (
        lambda: edit_layer(DENSE, kernel_initializer=initializer(module="os")),
        "config-class",
        "with kernel_initializer of the class 'Zeros'",
    ),
    "initializer of no stock class": (
        lambda: edit_layer(
            DENSE, bias_initializer=initializer(class_name="Evil")
        ),
        "config-class",
        "with bias_initializer of the class 'Evil'",
    ),
    "initializer that is registered": (
        lambda: edit_layer(
            DENSE, bias_initializer=initializer(registered_name="a>Zeros")
        ),
        "config-class",
        "with bias_initializer of the class 'Zeros'",
    ),
    "regularizer": (
        lambda: edit_layer(
            DENSE, kernel_regularizer=node("L2", {}, module="keras")
        ),
        "config-class",
        "with kernel_regularizer of the class 'L2'",
    ),
    "quantized": (
        lambda: edit_layer(
            DENSE, dtype=node("QuantizedDTypePolicy", {}, module="keras")
        ),
        "config-class",
        "with dtype of the class 'QuantizedDTypePolicy'",
    ),
    "registered name": (
        lambda: edit_node(DENSE, registered_name="evil>Dense"),
        "config-value",
        "'registered_name' = 'evil>Dense'",
    ),
    "path as name": (
        lambda: edit_layer(DENSE, name="../evil"),
        "config-value",
        "Dense has 'name' = '../evil'",
    ),
    "line as name": (
        lambda: edit_layer(DENSE, name="dense\n"),
        "config-value",
        r"'name' = 'dense\\n'",
    ),
    "long name": (
        lambda: edit_layer(DENSE, name="d" * 65),
        "config-value",
        "'name' = 'd{50}…'",
    ),
    "name twice": (
        lambda: edit_layer(DENSE, name="dropout"),
        "config-value",
        "Expected distinct names",
    ),
    "the input's name": (
        lambda: edit_layer(DENSE, name="pixels"),
        "config-value",
        "Expected distinct names",
    ),
    "unknown option": (
        lambda: edit_layer(DENSE, **{"vocabulary\n": "/etc/passwd"}),
        "config-value",
        r"has 'vocabulary\\n' = '/etc/passwd'",
    ),
    "unknown key of a layer": (
        lambda: edit_node(DENSE, build_config={"input_shape": [1]}),
        "config-value",
        "'build_config' = ",
    ),
    "unknown key of the model": (
        lambda: edit_model(compile_config={}),
        "config-value",
        "the model has 'compile_config' = '{}'",
    ),
    "no config": (
        lambda: edit_node(DENSE, config=None),
        "config-value",
        "'config' = 'None'. Expected an object",
    ),
    "layer no object": (
        lambda: edit_layers(lambda layers: layers.append(1)),
        "config-value",
        "a layer has 'config' = '1'",
    ),
    "no layers": (
        lambda: edit_model(layers=[]),
        "config-value",
        "Expected a list of layers",
    ),
    "layers no list": (
        lambda: edit_model(layers={"0": 1}),
        "config-value",
        "Expected a list of layers",
    ),
    "model's name": (
        lambda: edit_model(name=""),
        "config-value",
        "the model has 'name' = ''",
    ),
    "model's dtype": (
        lambda: edit_model(dtype="float16"),
        "config-value",
        "the model has 'dtype' = 'float16'",
    ),
    "policy with another key": (
        lambda: edit_layer(
            DENSE,
            dtype={
                "module": "keras",
                "class_name": "DTypePolicy",
                "config": {"name": "float32"},
                "evil": None,
            },
        ),
        "config-class",
        "with dtype of the class 'DTypePolicy'",
    ),
    "units true": (
        lambda: edit_layer(DENSE, units=True),
        "config-value",
        "'units' = 'True'",
    ),
    "units 10.0": (
        lambda: edit_layer(DENSE, units=10.0),
        "config-value",
        "'units' = '10.0'",
    ),
    "units 0": (
        lambda: edit_layer(DENSE, units=0),
        "config-value",
        "'units' = '0'",
    ),
    "no units": (
        lambda: drop_option(DENSE, "units"),
        "config-value",
        "'units' = 'None'. Expected a value",
    ),
    "bias 1": (
        lambda: edit_layer(DENSE, use_bias=1),
        "config-value",
        "'use_bias' = '1'",
    ),
    "rate true": (
        lambda: edit_layer(DROPOUT, rate=True),
        "config-value",
        "'rate' = 'True'",
    ),
    "rate 1": (
        lambda: edit_layer(DROPOUT, rate=1),
        "config-value",
        "'rate' = '1'",
    ),
    "seeded dropout": (
        lambda: edit_layer(DROPOUT, seed=1),
        "config-value",
        "'seed' = '1'",
    ),
    "scale a list": (
        lambda: edit_layer(SCALE, scale=[1.0]),
        "config-value",
        "'scale' = ",
    ),
    "huge scale": (
        lambda: edit_layer(SCALE, scale=1e300),
        "config-value",
        r"'scale' = '1e\+300'",
    ),
    "strides true": (
        lambda: edit_layer(CONV, strides=[True, 1]),
        "config-value",
        "'strides' = ",
    ),
    "dilation true": (
        lambda: edit_layer(CONV, dilation_rate=[True, True]),
        "config-value",
        "'dilation_rate' = ",
    ),
    "three strides": (
        lambda: edit_layer(CONV, strides=[1, 1, 1]),
        "config-value",
        "'strides' = ",
    ),
    "groups": (
        lambda: edit_layer(CONV, groups=2),
        "config-value",
        "'groups' = '2'",
    ),
    "padding": (
        lambda: edit_layer(CONV, padding="causal"),
        "config-value",
        "'padding' = 'causal'",
    ),
    "activation": (
        lambda: edit_layer(CONV, activation="evil>relu"),
        "config-value",
        "'activation' = 'evil>relu'",
    ),
    "channels first": (
        lambda: edit_layer(POOL, data_format="channels_first"),
        "config-value",
        "'data_format' = 'channels_first'",
    ),
    "initializer with a path": (
        lambda: edit_layer(
            DENSE, bias_initializer=initializer(config={"path": "/etc/x"})
        ),
        "config-class",
        "with bias_initializer of the class 'Zeros'",
    ),
    # Found by the fuzzer.
    "a key that cannot be printed": (
        lambda: edit_layer(DENSE, **{"bias\x05": initializer()}),
        "config-class",
        r"with bias\\x05 of the class 'Zeros'",
    ),
    "input is no input": (
        lambda: edit_layers(lambda layers: layers.pop(0)),
        "config-class",
        "the input of the class 'Rescaling'. Expected InputLayer",
    ),
    "two inputs": (
        lambda: edit_layers(lambda layers: layers.insert(1, layers[0])),
        "config-class",
        "a layer of the class 'InputLayer'",
    ),
    "sparse input": (
        lambda: edit_layer(0, sparse=True),
        "config-value",
        "the input has 'sparse' = 'True'",
    ),
    "ragged input": (
        lambda: edit_layer(0, ragged=True),
        "config-value",
        "the input has 'ragged' = 'True'",
    ),
    "optional input": (
        lambda: edit_layer(0, optional=True),
        "config-value",
        "the input has 'optional' = 'True'",
    ),
    "input's name": (
        lambda: edit_layer(0, name="../pixels"),
        "config-value",
        "the input has 'name' = '../pixels'",
    ),
    "build shape": (
        lambda: edit_model(build_input_shape=[None, 28, 28, 3]),
        "config-value",
        "the model has 'build_input_shape' = ",
    ),
    "frozen model": (
        lambda: edit_model(trainable=False),
        "config-value",
        "the model has 'trainable' = 'False'",
    ),
    "input with true": (
        lambda: edit_layer(0, batch_shape=[None, 28, 28, True]),
        "config-value",
        "The input has shape '.None, 28, 28, True.'",
    ),
    "input no shape": (
        lambda: edit_layer(0, batch_shape="28"),
        "config-value",
        "The input has shape '28'",
    ),
    "huge input": (
        lambda: edit_layer(0, batch_shape=[None, 1e5, 1e5, 1]),
        "budget",
        r"The input has shape '\[None, 100000.0, 100000.0, 1\]'",
    ),
    "huge units": (
        lambda: edit_layer(DENSE, units=10**9),
        "budget",
        "Dense 'probabilities' takes the network over 5,000,000 parameters",
    ),
    "many parameters": (
        lambda: edit_layer(DENSE, units=20_000),
        "budget",
        "Dense 'probabilities' takes the network over 5,000,000 parameters",
    ),
    "units of 4300 digits": (
        lambda: edit_layer(DENSE, units=10**4299),
        "budget",
        "takes the network over 5,000,000 parameters",
    ),
    "huge filters": (
        lambda: edit_layer(CONV, filters=10**9),
        "budget",
        "Conv2D 'conv1' takes the network over",
    ),
    "large outputs": (
        lambda: edit_layer(CONV, filters=600),
        "budget",
        "Conv2D 'conv1' takes the network over 400,000 numbers between",
    ),
    # Each is small, but not all together.
    "many outputs": (
        lambda: edit_layers(
            lambda layers: layers.__setitem__(
                slice(CONV, CONV),
                [
                    layer("Activation", f"a{i}", activation="relu")
                    for i in range(9)
                ]
                + [wide(60, i) for i in range(9)],
            )
        ),
        "budget",
        "takes the network over 400,000 numbers between its layers",
    ),
    "a long picture": (
        lambda: edit_layers(
            lambda layers: layers.__setitem__(
                slice(CONV, CONV), [wide(90, 1), wide(60, 2, size=28)]
            )
        ),
        "budget",
        "Conv2D 'wide2' takes the network over 200,000,000 multiplications",
    ),
    "a large window": (
        lambda: edit_layers(
            lambda layers: layers.__setitem__(
                slice(CONV, CONV),
                [
                    wide(90, 1),
                    *(
                        layer(
                            "AveragePooling2D",
                            f"mean{i}",
                            pool_size=[28, 28],
                            strides=[1, 1],
                            padding="same",
                            data_format="channels_last",
                        )
                        for i in range(4)
                    ),
                ],
            )
        ),
        "budget",
        "AveragePooling2D 'mean3' takes the network over 200,000,000",
    ),
    "one class": (
        lambda: edit_layer(DENSE, units=1),
        "budget",
        "has 1 classes. Expected 2 to 256",
    ),
    "257 classes": (
        lambda: edit_layer(DENSE, units=257),
        "budget",
        "has 257 classes. Expected 2 to 256",
    ),
    "many layers": (
        lambda: edit_layers(
            lambda layers: layers.extend(
                layer("Flatten", f"f{i}") for i in range(1500)
            )
        ),
        "budget",
        "1,?507|config.json has",
    ),
    "33 layers": (
        lambda: edit_layers(
            lambda layers: layers.extend(
                layer("Flatten", f"f{i}") for i in range(26)
            )
        ),
        "budget",
        "has 33 layers. Expected at most 32",
    ),
    "nothing left": (
        lambda: edit_layer(CONV, kernel_size=[28, 28]),
        "budget",
        "MaxPooling2D 'pool1' leaves nothing of its input",
    ),
    "rank": (
        lambda: edit_layers(lambda layers: layers.pop(FLATTEN)),
        "config-value",
        "'input' = '.13, 13, 2.'. Expected rank 1",
    ),
    "output an image": (
        lambda: edit_layers(lambda layers: layers.__delitem__(slice(2, None))),
        "shape",
        r"output has shape \(28, 28, 1\)",
    ),
    "input alone": (
        lambda: edit_layers(lambda layers: layers.__delitem__(slice(1, None))),
        "shape",
        r"output has shape \(28, 28, 1\)",
    ),
}


# === Tests ===


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_config_is_refused_with_its_code(name):
    build, code, text = CASES[name]
    fixtures.refuse(build(), code, text)


def test_a_file_that_a_config_names_is_not_opened(tmp_path):
    # Opening a pipe that nobody writes to would wait for ever.
    pipe = tmp_path / "vocabulary"
    os.mkfifo(pipe)
    for kind, key in (
        ("StringLookup", "vocabulary"),
        ("TFSMLayer", "filepath"),
    ):
        broken = edit_node(
            FLATTEN, class_name=kind, config={"name": "a", key: str(pipe)}
        )
        fixtures.refuse(broken, "config-class", kind)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_network_with_four_times_its_filters_is_accepted(name):
    config = make_config()
    scale, conv, pool, *rest = config["config"]["layers"][1:]
    layers = [config["config"]["layers"][0], scale]
    for number, part in enumerate(layer_plan(name)):
        made = json.loads(json.dumps(pool if part == "pool" else conv))
        made["config"]["name"] = f"layer{number}"
        if part != "pool":
            size = [part[1]] * 2
            made["config"].update(filters=4 * part[0], kernel_size=size)
        layers.append(made)
    config["config"]["layers"] = [*layers, *rest]
    _, specs = parse_config(config)
    assert specs[-1].output_shape == (10,)


def test_the_good_config_gives_the_layers():
    name, specs = parse_config(make_config())
    assert name == "mnistcnn"
    assert [(spec.kind, spec.output_shape) for spec in specs] == [
        ("Rescaling", (28, 28, 1)),
        ("Conv2D", (26, 26, 2)),
        ("MaxPooling2D", (13, 13, 2)),
        ("Flatten", (338,)),
        ("Dropout", (338,)),
        ("Dense", (10,)),
    ]
    assert [spec.parameters for spec in specs] == [0, 20, 0, 0, 0, 3390]


def test_what_keras_may_write_besides_is_accepted():
    config = make_config()
    config["registered_name"] = "Sequential"
    layers = config["config"]["layers"]
    layers[DENSE]["registered_name"] = "Dense"
    layers[CONV]["config"]["dtype"] = "float32"
    layers[CONV]["config"]["trainable"] = False
    layers[DENSE]["config"]["kernel_initializer"] = node(
        "RandomNormal",
        {"mean": 0.0, "stddev": 0.05, "seed": 3},
        module="keras.initializers",
    )
    assert parse_config(config) == parse_config(make_config())


@pytest.mark.parametrize(
    ("kernel", "strides", "padding", "size"),
    [
        ([3, 3], [1, 1], "valid", 26),
        ([3, 3], [2, 2], "valid", 13),
        ([3, 3], [3, 3], "valid", 9),
        ([3, 3], [1, 1], "same", 28),
        ([5, 5], [3, 3], "same", 10),
        ([28, 28], [1, 1], "valid", 1),
    ],
)
def test_a_convolution_has_the_size_that_keras_gives_it(
    kernel, strides, padding, size
):
    config = make_config()
    del config["config"]["layers"][POOL]
    options = config["config"]["layers"][CONV]["config"]
    options.update(kernel_size=kernel, strides=strides, padding=padding)
    _, specs = parse_config(config)
    assert specs[1].output_shape == (size, size, 2)
    assert specs[1].weight_shapes == ((*kernel, 1, 2), (2,))


@pytest.mark.parametrize("kind", ["Dense", "Conv2D"])
def test_a_layer_without_bias_has_one_array(kind):
    config = make_config()
    for entry in config["config"]["layers"]:
        if entry["class_name"] == kind:
            entry["config"]["use_bias"] = False
    _, specs = parse_config(config)
    spec = next(spec for spec in specs if spec.kind == kind)
    assert len(spec.weight_shapes) == 1


@pytest.mark.parametrize("axis", [True, 3.0, 1])
def test_normalization_is_over_channels_only(axis):
    config = make_config()
    normalization = layer(
        "BatchNormalization",
        "norm1",
        axis=axis,
        momentum=0.9,
        epsilon=1e-3,
        center=True,
        scale=True,
    )
    config["config"]["layers"].insert(POOL, normalization)
    with pytest.raises(ArtifactError, match=f"'axis' = '{axis}'"):
        parse_config(config)
    normalization["config"]["axis"] = -1
    _, specs = parse_config(json.loads(json.dumps(config)))
    assert specs[2].weight_shapes == ((2,),) * 4
