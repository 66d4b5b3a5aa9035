import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile

import artifact_fixtures as fixtures
import numpy as np
import pytest

from mnistcnn import DigitClassifier
from mnistcnn.artifact import (
    inspect_artifact,
    inspection,
    load_artifact,
    save_artifact,
)
from mnistcnn.backends import keras
from mnistcnn.errors import ArtifactError
from mnistcnn.network import build_model

layers = keras.layers
# Drawing a kernel of a new shape costs JAX a second of compiling.
ZEROS = {"kernel_initializer": "zeros"}


@pytest.fixture
def images(rng):
    return rng.integers(0, 256, (16, 28, 28, 1)).astype("float32")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.keras"


def predict(model, images):
    # Not `predict`, which compiles each model anew.
    return keras.ops.convert_to_numpy(model(images, training=False))


def stack(*middle, name="small"):
    """A network whose middle is given."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255, name="scale"),
            *middle,
            layers.Flatten(name="flatten"),
            layers.Dense(10, activation="softmax", name="out", **ZEROS),
        ],
        name=name,
    )


@pytest.fixture(scope="module")
def built():
    """A network that no test changes."""
    return build_model()


@pytest.fixture(scope="module")
def trained():
    """A network after a few steps, with the state of an optimizer."""
    model = build_model()
    loss = "sparse_categorical_crossentropy"
    model.compile("adam", loss, metrics=["accuracy"])
    images = np.random.default_rng(1).integers(0, 256, (16, 28, 28, 1))
    labels = np.arange(16) % 10
    model.fit(images.astype("f4"), labels, batch_size=8, verbose=0)
    return model


# === Round trips ===


def test_a_built_model_comes_back(path, images):
    model = build_model(seed=3)
    assert save_artifact(model, path) == path
    loaded = load_artifact(path)
    assert [layer.name for layer in loaded.layers] == [
        layer.name for layer in model.layers
    ]
    assert loaded.name == model.name
    for old, new in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(
        predict(loaded, images), predict(model, images)
    )
    assert [p.name for p in path.parent.iterdir()] == ["net.keras"]


def test_a_trained_model_comes_back_without_its_optimizer(
    path, images, trained
):
    save_artifact(trained, path)
    assert trained.compiled, "the caller's model is as it was"
    loaded = load_artifact(path)
    np.testing.assert_allclose(
        predict(loaded, images), predict(trained, images), atol=1e-6
    )
    assert not loaded.compiled
    with zipfile.ZipFile(path) as archive:
        config = archive.read("config.json").decode()
        weights = archive.read("model.weights.h5")
    assert "compile" not in config
    assert "optimizer" not in config
    assert b"optimizer" not in weights


def test_every_layer_that_is_allowed_comes_back(path, images, rng):
    model = stack(
        layers.Conv2D(4, 5, strides=2, padding="same", name="a", **ZEROS),
        layers.BatchNormalization(momentum=0.9, name="b"),
        layers.Activation("silu", name="c"),
        layers.AveragePooling2D(2, padding="same", name="d"),
        layers.Conv2D(
            6, 3, use_bias=False, activation="gelu", name="e", **ZEROS
        ),
        layers.BatchNormalization(scale=False, center=False, name="f"),
        layers.MaxPooling2D(2, strides=1, name="g"),
        layers.Dropout(0.5, name="h"),
        layers.Conv2D(5, 1, activation="tanh", name="i", **ZEROS),
        layers.Activation("elu", name="j"),
        layers.GlobalAveragePooling2D(name="k"),
    )
    # Statistics too, which no two layers have alike.
    for weight in model.weights:
        weight.assign(rng.uniform(0.1, 0.9, weight.shape))
    save_artifact(model, path)
    loaded = load_artifact(path)
    np.testing.assert_allclose(
        predict(loaded, images), predict(model, images), atol=1e-6
    )
    assert inspect_artifact(path).parameters == model.count_params()


def test_a_loaded_model_can_be_saved_again_to_the_same_bytes(
    path, tmp_path, built
):
    save_artifact(built, path)
    again = tmp_path / "again.keras"
    card = inspect_artifact(path).card
    save_artifact(load_artifact(path), again, card=card)
    assert again.read_bytes() == path.read_bytes()


def test_plain_keras_opens_the_file_and_agrees(path, images, trained):
    save_artifact(trained, path, card={"classes": list("0123456789")})
    plain = keras.saving.load_model(path, compile=False)
    np.testing.assert_allclose(
        predict(plain, images), predict(trained, images), atol=1e-6
    )


def test_a_file_that_plain_keras_saved_is_refused(path, built):
    built.save(path)
    with pytest.raises(
        ArtifactError, match="own save wrote it.*trust="
    ) as caught:
        inspect_artifact(path)
    assert caught.value.code == "config-value"
    assert "'build_config'" in str(caught.value.__cause__)


def test_the_handmade_file_can_be_opened(path, images):
    """The core tests' good file is one that Keras takes for its own."""
    path.write_bytes(fixtures.good_bytes())
    plain = keras.saving.load_model(path, compile=False)
    np.testing.assert_allclose(
        predict(load_artifact(path), images), predict(plain, images), atol=1e-6
    )


def members_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def tree(data):
    """Every group and array of HDF5 bytes, with its notes and numbers."""
    import h5py

    found = {}

    def note(name, item):
        array = item[()].tolist() if isinstance(item, h5py.Dataset) else None
        found[name] = (dict(item.attrs), array)

    with h5py.File(io.BytesIO(data)) as file:
        file.visititems(note)
    return found


def test_weights_are_laid_out_as_keras_lays_them(path, tmp_path, rng):
    model = stack(
        layers.Conv2D(3, 3, use_bias=False, name="a", **ZEROS),
        layers.BatchNormalization(name="b"),
        layers.Dropout(0.5, name="c"),
        layers.Conv2D(2, 3, name="d", **ZEROS),
        layers.BatchNormalization(scale=False, name="e"),
    )
    for weight in model.weights:
        weight.assign(rng.uniform(0.1, 0.9, weight.shape))
    save_artifact(model, path)
    model.save(tmp_path / "stock.keras")
    ours, stock = members_of(path), members_of(tmp_path / "stock.keras")
    assert list(ours)[:3] == list(stock)
    assert tree(ours["model.weights.h5"]) == tree(stock["model.weights.h5"])


def test_the_handmade_file_is_as_keras_would_write_it(path, tmp_path):
    path.write_bytes(fixtures.good_bytes())
    model = load_artifact(path)
    model.save(tmp_path / "stock.keras")
    save_artifact(model, path)
    written, stock = members_of(path), members_of(tmp_path / "stock.keras")
    made = fixtures.good_members()
    assert list(written) == list(made)
    assert json.loads(written["config.json"]) == fixtures.make_config()

    def names(data):
        return {name: sorted(notes) for name, (notes, _) in tree(data).items()}

    weights = "model.weights.h5"
    assert names(stock[weights]) == names(made[weights])


# === The card ===


def test_a_card_says_what_the_file_is(path, built):
    save_artifact(built, path, card={"recipe": "fast", "seed": 0})
    found = inspect_artifact(path)
    with zipfile.ZipFile(path) as archive:
        weights = archive.read("model.weights.h5")
        card = json.loads(archive.read("mnistcnn.json"))
    assert found.card == card
    assert card["format"] == 1
    assert card["recipe"] == "fast"
    assert card["architecture"]["parameters"] == 34_826
    assert card["architecture"]["layers"][1] == "Conv2D conv1"
    assert card["weights_sha256"] == hashlib.sha256(weights).hexdigest()


def test_a_card_cannot_say_what_is_not_so(path, built):
    false = {"format": 7, "weights_sha256": "0", "architecture": None}
    save_artifact(built, path, card=false)
    card = inspect_artifact(path).card
    assert card["format"] == 1
    assert card["architecture"]["name"] == "mnistcnn"


def test_a_card_names_the_classes(path):
    names = ["A", "B", "C"]
    model = build_model(num_classes=3)
    save_artifact(model, path, card={"classes": names})
    assert inspect_artifact(path).classes == ("A", "B", "C")
    with pytest.raises(ArtifactError, match="Expected 3 short names"):
        save_artifact(model, path, card={"classes": names[:2]})


@pytest.mark.parametrize("value", [-1, 46, "8", True, None, [8]])
def test_a_card_turns_images_by_few_degrees(path, value, built):
    with pytest.raises(ArtifactError, match="has the rotation") as caught:
        save_artifact(built, path, card={"rotation": value})
    assert caught.value.code == "config-value"
    save_artifact(built, path, card={"rotation": 8})
    assert inspect_artifact(path).rotation == 8


@pytest.mark.parametrize("value", [float("nan"), {1}, np.float32(1)])
def test_a_card_that_is_no_json_is_refused(path, value, built):
    with pytest.raises(ArtifactError, match="card cannot be written") as caught:
        save_artifact(built, path, card={"accuracy": value})
    assert caught.value.code == "config-value"
    assert not path.exists()


def test_the_same_weights_give_the_same_bytes(tmp_path, images):
    first, second = tmp_path / "1.keras", tmp_path / "2.keras"
    save_artifact(build_model(), first)
    other = build_model()
    other.compile("sgd", "mse")
    save_artifact(other, second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert json.loads(archive.read("metadata.json"))["date_saved"] == ""
    save_artifact(build_model(seed=1), second)
    assert first.read_bytes() != second.read_bytes()


# === What is refused ===


def refuse(model, path, code, text):
    path.write_bytes(b"old")
    with pytest.raises(ArtifactError, match=text) as caught:
        save_artifact(model, path)
    assert caught.value.code == code
    assert str(caught.value).isprintable()
    assert path.read_bytes() == b"old"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("value", [3, None, io.BytesIO(), ["a.keras"]])
def test_what_is_no_path_is_refused_at_every_door(value):
    doors = [lambda v: save_artifact(build_model(), v)]
    doors += [DigitClassifier.from_artifact]
    doors += [] if value is None else [load_artifact, inspect_artifact]
    for door in doors:
        with pytest.raises(ArtifactError, match="Expected the path of a .ker"):
            door(value)


def test_a_path_may_be_bytes(path):
    name = os.fsencode(path)
    assert save_artifact(build_model(), name) == path
    assert load_artifact(name).count_params() > 0
    assert DigitClassifier.from_artifact(name).name == "net"


def test_a_card_that_is_text_is_refused(path):
    with pytest.raises(ArtifactError, match="card is of type str. Expected a"):
        save_artifact(build_model(), path, card="my notes")
    assert not path.exists()


def test_a_functional_model_is_refused(path):
    pixels = keras.Input((28, 28, 1))
    answer = layers.Dense(10, **ZEROS)(layers.Flatten()(pixels))
    text = "is a Functional. Expected a keras.Sequential"
    refuse(keras.Model(pixels, answer), path, "config-class", text)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_numbers_are_refused(path, value):
    model = build_model()
    kernel, bias = model.layers[-1].get_weights()
    kernel[5, 5] = value
    model.layers[-1].set_weights([kernel, bias])
    text = "at layers/dense/vars/0 hold NaN or infinity"
    refuse(model, path, "not-finite", text)


def test_a_layer_that_is_not_allowed_is_refused(path):
    model = stack(layers.Cropping2D(1))
    text = "model has a layer of the class 'Cropping2D'. Expected one of Resc"
    refuse(model, path, "config-class", text)


def test_a_layer_of_the_users_own_is_refused(path):
    class Twice(layers.Layer):
        def call(self, inputs):
            return 2 * inputs

    refuse(stack(Twice()), path, "config-class", "Twice'. Expected one of")


class Negative(keras.Sequential):
    def call(self, inputs, **options):
        return super().call(255 - inputs, **options)


def test_a_stack_of_the_users_own_class_is_refused(path):
    model = Negative(stack().layers)
    text = "model is of the class 'Negative'. Expected keras.Sequential itself"
    refuse(model, path, "config-class", text)


def test_a_call_that_was_replaced_is_refused(path):
    model = stack()
    model.layers[0].call = lambda inputs: 2 * inputs
    refuse(model, path, "config-class", "without a call of its own")


def test_a_function_as_an_activation_is_refused(path):
    def twice(inputs):
        return 2 * inputs

    model = stack(layers.Conv2D(2, 3, activation=twice, name="conv", **ZEROS))
    refuse(model, path, "config-class", "Conv2D 'conv' with activation")


def test_a_regularizer_is_refused(path):
    model = stack(
        layers.Conv2D(2, 3, kernel_regularizer="l2", name="conv", **ZEROS)
    )
    text = "Conv2D 'conv' with kernel_regularizer of the class 'L2'"
    refuse(model, path, "config-class", text)


def test_half_precision_is_refused(path):
    model = stack(layers.Activation("relu", name="a", dtype="mixed_float16"))
    refuse(model, path, "config-class", "Activation 'a' with dtype")


def test_an_input_of_another_size_is_refused(path):
    model = keras.Sequential([keras.Input((32, 32, 1)), layers.Flatten()])
    text = r"input has shape '\[None, 32, 32, 1\]'"
    refuse(model, path, "budget", text)


def test_a_model_without_an_input_is_refused(path):
    model = keras.Sequential([layers.Flatten(), layers.Dense(10)])
    refuse(model, path, "config-class", "Expected InputLayer")


def test_a_net_that_is_too_large_is_refused(path):
    model = stack(
        layers.Conv2D(6_000, 1, name="wide", **ZEROS),
        layers.GlobalAveragePooling2D(),
    )
    refuse(model, path, "budget", "Conv2D 'wide' takes the network over")


def test_numpy_numbers_as_options_are_numbers(path):
    model = stack(layers.Dropout(np.float64(0.5), name="drop"))
    save_artifact(model, path)
    rates = [spec.options.get("rate") for spec in inspect_artifact(path).layers]
    assert 0.5 in rates


def test_a_full_disk_leaves_the_old_file(path, monkeypatch, built):
    save_artifact(built, path)
    before = path.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mnistcnn.files.os.replace", fail)
    with pytest.raises(OSError, match="No space left on device"):
        save_artifact(build_model(seed=1), path)
    assert path.read_bytes() == before


# === What loading leaves alone ===


def test_loading_changes_no_global_setting(path, tmp_path, built):
    def settings():
        config = keras.config
        return (
            config.floatx(),
            config.image_data_format(),
            config.dtype_policy().name,
            config.epsilon(),
        )

    save_artifact(built, path)
    broken = tmp_path / "broken.keras"
    broken.write_bytes(path.read_bytes()[:-1])
    before = settings()
    load_artifact(path)
    with pytest.raises(ArtifactError, match="its end is missing"):
        load_artifact(broken)
    assert settings() == before


def test_a_users_settings_do_not_change_the_net(path, images, built):
    save_artifact(built, path)
    answers = predict(load_artifact(path), images)
    keras.config.set_floatx("float64")
    keras.config.set_image_data_format("channels_first")
    try:
        loaded = load_artifact(path)
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_image_data_format("channels_last")
    assert {w.dtype for w in loaded.weights} == {"float32"}
    np.testing.assert_allclose(predict(loaded, images), answers, atol=1e-6)


def test_keras_does_not_see_a_file_that_is_loaded(path, monkeypatch, built):
    save_artifact(built, path)

    def fail(*_, **__):
        raise AssertionError("Keras' own loader was called")

    for name in ("load_model", "load_weights", "deserialize_keras_object"):
        monkeypatch.setattr(keras.saving, name, fail)
    load_artifact(path)


CHILD = """
import sys
opened = []
sys.addaudithook(
    lambda event, arguments: opened.append((event, arguments))
    if event in {"socket.connect", "exec", "subprocess.Popen", "os.system"}
    else None
)
from mnistcnn import inspect_artifact
from mnistcnn.errors import ArtifactError
for path in sys.argv[1:]:
    opened.clear()
    try:
        found = inspect_artifact(path).parameters
    except ArtifactError as error:
        found = error.code
    assert not [event for event, _ in opened if event != "exec"], opened
    print(found)
print(*sorted({"keras", "jax", "torch", "tensorflow"} & set(sys.modules)))
"""


def test_inspecting_imports_no_framework(path, tmp_path, built):
    save_artifact(built, path)
    broken = tmp_path / "broken.keras"
    broken.write_bytes(path.read_bytes()[:-1])
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(broken)],
        capture_output=True,
        text=True,
        check=True,
        env={k: v for k, v in os.environ.items() if k != "KERAS_BACKEND"},
    )
    assert done.stdout.split("\n") == ["34826", "truncated", "", ""]


def test_the_default_is_what_ships_with_the_package(monkeypatch, path, built):
    save_artifact(built, path)
    monkeypatch.setattr(inspection, "pretrained_path", lambda: path)
    assert inspect_artifact().parameters == 34_826
    assert load_artifact().count_params() == 34_826
