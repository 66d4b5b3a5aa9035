"""A good artifact, made by hand, and the tools to break it.

Nothing here uses the code under test: the layout is what Keras 3.15 writes
for a small network of ours, put together with `json`, `h5py` and `zipfile`.
"""

import copy
import functools
import hashlib
import io
import json
import re
import zipfile

import h5py
import numpy as np
import pytest

from mnistcnn.artifact import Artifact, check_bytes
from mnistcnn.errors import ArtifactError

CARD = "mnistcnn.json"
CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"
KERNEL = "layers/dense/vars/0"
# The layers' places in the config, after the input layer.
SCALE, CONV, POOL, FLATTEN, DROPOUT, DENSE = range(1, 7)

Members = dict[str, bytes]


# === A good file ===


def node(kind: str, config: dict, *, module: str = "keras.layers") -> dict:
    """A serialised Keras object."""
    return {
        "module": module,
        "class_name": kind,
        "config": config,
        "registered_name": None,
    }


def layer(kind: str, name: str, **options) -> dict:
    policy = node("DTypePolicy", {"name": "float32"}, module="keras")
    common = {"name": name, "trainable": True, "dtype": policy}
    return node(kind, common | options)


def weighted(kind: str, name: str, **options) -> dict:
    glorot = {"seed": None, "input_axes": None, "output_axes": None}
    module = "keras.initializers"
    return layer(
        kind,
        name,
        **options,
        use_bias=True,
        kernel_initializer=node("GlorotUniform", glorot, module=module),
        bias_initializer=node("Zeros", {}, module=module),
        kernel_regularizer=None,
        bias_regularizer=None,
        kernel_constraint=None,
        bias_constraint=None,
    )


def make_config() -> dict:
    last = {"data_format": "channels_last"}
    pixels = {
        "batch_shape": [None, 28, 28, 1],
        "dtype": "float32",
        "sparse": False,
        "ragged": False,
        "name": "pixels",
        "optional": False,
    }
    layers = [
        node("InputLayer", pixels),
        layer("Rescaling", "scale", scale=1 / 255, offset=0.0),
        weighted(
            "Conv2D",
            "conv1",
            filters=2,
            kernel_size=[3, 3],
            strides=[1, 1],
            padding="valid",
            dilation_rate=[1, 1],
            groups=1,
            activation="relu",
            activity_regularizer=None,
            **last,
        ),
        layer(
            "MaxPooling2D",
            "pool1",
            pool_size=[2, 2],
            strides=[2, 2],
            padding="valid",
            **last,
        ),
        layer("Flatten", "flatten", **last),
        layer("Dropout", "dropout", rate=0.25, seed=None, noise_shape=None),
        weighted(
            "Dense",
            "probabilities",
            units=10,
            activation="softmax",
            quantization_config=None,
        ),
    ]
    body = layer("Sequential", "mnistcnn", layers=layers)["config"]
    body["build_input_shape"] = [None, 28, 28, 1]
    return node("Sequential", body, module="keras")


def make_weights() -> bytes:
    rng = np.random.default_rng(0)
    shapes = {
        "rescaling": [],
        "conv2d": [(3, 3, 1, 2), (2,)],
        "max_pooling2d": [],
        "flatten": [],
        "dropout": [],
        "dense": [(338, 10), (10,)],
    }
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for group, arrays in shapes.items():
            variables = file.create_group(f"layers/{group}/vars")
            variables.attrs["name"] = group
            for index, shape in enumerate(arrays):
                array = rng.normal(size=shape).astype("f4")
                variables.create_dataset(str(index), data=array)
        file.create_group("vars").attrs["name"] = "mnistcnn"
    return buffer.getvalue()


@functools.cache
def _good() -> Members:
    metadata = {"keras_version": "3.15.1", "date_saved": ""}
    card = {"format": 1, "classes": list("0123456789"), "recipe": "tutorial"}
    members = {
        METADATA: json.dumps(metadata).encode(),
        CONFIG: json.dumps(make_config()).encode(),
        WEIGHTS: make_weights(),
        CARD: json.dumps(card).encode(),
    }
    return sign(members)


def good_members() -> Members:
    return dict(_good())


def sign(members: Members) -> Members:
    """Puts the weights' digest into the card, as who forges a file would."""
    card = json.loads(members[CARD])
    card["weights_sha256"] = hashlib.sha256(members[WEIGHTS]).hexdigest()
    return members | {CARD: json.dumps(card).encode()}


def seal(members: Members, *, method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name), body, method)
    return buffer.getvalue()


def good_bytes() -> bytes:
    return seal(good_members())


# === Broken files ===


def with_member(name: str, body: bytes) -> bytes:
    return seal(good_members() | {name: body})


def without_member(name: str) -> bytes:
    members = good_members()
    del members[name]
    return seal(members)


def edit_json(name: str, change) -> bytes:
    """The good file after `change(parsed JSON)` on one member."""
    parsed = json.loads(good_members()[name])
    change(parsed)
    return with_member(name, json.dumps(parsed).encode())


def edit_layer(index: int, **options) -> bytes:
    """The good file with some of a layer's options replaced."""

    def change(config):
        config["config"]["layers"][index]["config"].update(options)

    return edit_json(CONFIG, change)


def edit_node(index: int, **keys) -> bytes:
    """The good file with a layer's class, module or the like replaced."""

    def change(config):
        config["config"]["layers"][index].update(keys)

    return edit_json(CONFIG, change)


def edit_weights(change) -> bytes:
    """The good file after `change(h5py.File)`, signed anew."""
    buffer = io.BytesIO(good_members()[WEIGHTS])
    with h5py.File(buffer, "r+") as file:
        change(file)
    members = good_members() | {WEIGHTS: buffer.getvalue()}
    return seal(sign(members))


def replace_kernel(*arguments, **options) -> bytes:
    """The good file with the dense kernel created in another way."""

    def change(file):
        del file[KERNEL]
        file.create_dataset(KERNEL, *arguments, **options)

    return edit_weights(change)


def flip(data: bytes, position: int, mask: int = 1) -> bytes:
    changed = bytearray(data)
    changed[position] ^= mask
    return bytes(changed)


# === Mutants ===


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """One of: flipped bytes, a cut, a splice, a repeat, an overwrite."""
    changed = bytearray(data)
    size = len(changed)
    # Half of them near the end, where the directory is.
    low = max(0, size - 400) if rng.random() < 0.5 else 0
    start = int(rng.integers(low, size))
    length = int(rng.integers(1, 64))
    other = int(rng.integers(0, size))
    piece = bytes(changed[other : other + length])
    kind = rng.integers(6)
    if kind == 0:
        changed[start] ^= 1 << int(rng.integers(8))
    elif kind == 1:
        for position in rng.integers(low, size, length):
            changed[position] = int(rng.integers(256))
    elif kind == 2:
        del changed[start:]
    elif kind == 3:
        del changed[start : start + length]
    elif kind == 4:
        changed[start:start] = piece
    else:
        changed[start : start + length] = piece
    return bytes(changed)


def mutate_json(parsed: dict, rng: np.random.Generator) -> dict:
    """Replaces, drops or doubles one value somewhere in a tree."""
    root = copy.deepcopy(parsed)
    places = []

    def walk(value):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            places.append((value, key))
            if isinstance(value[key], dict | list):
                walk(value[key])

    walk(root)
    parent, key = places[rng.integers(len(places))]
    hostile = (
        None, True, False, 0, 1, -1, 3, 10**30, 10**4000, 0.5, -0.0, 1e308,
        "", "relu", "\n", "x" * 300, "\x1b[31m", [], [1, 1], [[]], {}, {"": {}},
        {"class_name": []}, [None, 28, 28, 1], {"class_name": "Lambda"},
    )  # fmt: skip
    if rng.random() < 0.2:
        del parent[key]
    else:
        parent[key] = hostile[rng.integers(len(hostile))]
    return root


def same(first: Artifact, second: Artifact) -> bool:
    """Whether two checked files describe the same network."""
    flat = [
        [a for arrays in f.weights for a in arrays] for f in (first, second)
    ]
    return (
        first.name == second.name
        and first.layers == second.layers
        and first.card == second.card
        and len(flat[0]) == len(flat[1])
        and all(map(np.array_equal, *flat))
    )


# === Checks ===


def refuse(data: bytes, code: str, text: str) -> None:
    """Asserts that the bytes are refused, for that reason, in one line."""
    with pytest.raises(ArtifactError) as caught:
        check_bytes(data)
    message = str(caught.value)
    assert caught.value.code == code, message
    assert message.endswith(f" [{code}]")
    assert re.search(text, message), message
    assert "Expected" in message
    assert message.isprintable(), "one line, and nothing odd in it"
    assert len(message) <= 200
