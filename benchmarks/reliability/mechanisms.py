"""Known attacks on users who open a model file, each as a generated file.

One for each advisory on Keras' files since 2024, and for the mechanisms that
have no number. Each file is a valid artifact of the tests with one change, and
does nothing worse than writing or reading under a given folder: the bait. Tests
open each with our own functions, `attacks.py` with stock Keras as well.
"""

import dataclasses
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

# Tests import this file from elsewhere.
sys.path.append(str(Path(__file__).parent))

import hostile_archives as archives
import hostile_configs as configs
from hostile_configs import READ as READ
from hostile_configs import WRITTEN


@dataclasses.dataclass(frozen=True)
class Mechanism:
    """A kind of attack.

    Args:
        ids: of its advisories; empty for one without a number.
        what: what it does, for the table.
        make: returns the file's bytes, for a bait folder: `WRITTEN` must not
            appear in it, and `READ`, which is in it, must not be read.
        suffix: of the file's name.
        door: `"model"` for a file that Keras opens as a model, `"archive"`
            for one that it extracts.
        backend: the only backend on which it can work, or none.
    """

    ids: tuple[str, ...]
    what: str
    make: Callable[[Path], bytes]
    suffix: str = ".keras"
    door: str = "model"
    backend: str | None = None


MECHANISMS = {
    "lambda": Mechanism(
        ("CVE-2024-3660",),
        "a Lambda layer's bytecode runs",
        lambda bait: configs.insert(configs.lambda_layer(bait)),
    ),
    "function": Mechanism(
        ("CVE-2025-1550",),
        "the config names any module's function, and its arguments",
        lambda bait: configs.call("os", "system", f"touch {bait / WRITTEN}"),
    ),
    "get_file": Mechanism(
        ("CVE-2025-8747",),
        "an allowed function, `get_file`, writes a file",
        configs.get_file,
    ),
    "load_model": Mechanism(
        ("CVE-2025-8747",),
        "a Lambda layer calls `load_model` without safe mode",
        configs.load_model_lambda,
    ),
    "legacy": Mechanism(
        ("CVE-2025-9905",),
        "an `.h5` file's Lambda layer, which ignored safe mode",
        configs.legacy_file,
        suffix=".h5",
    ),
    "unsafe": Mechanism(
        ("CVE-2025-9906",),
        "the config calls `enable_unsafe_deserialization`",
        configs.enable_unsafe,
    ),
    "vocabulary": Mechanism(
        ("CVE-2025-12058",),
        "a lookup layer's vocabulary is any file, or URL",
        configs.vocabulary,
        backend="tensorflow",
    ),
    "torch": Mechanism(
        ("CVE-2025-49655",),
        "a wrapped PyTorch module is unpickled",
        configs.torch_module,
        backend="torch",
    ),
    "up": Mechanism(
        ("CVE-2025-12060",),
        "an archive's member has `../` in its name",
        archives.tar(("../written", tarfile.REGTYPE, "")),
        suffix=".tar.gz",
        door="archive",
    ),
    "long link": Mechanism(
        ("CVE-2025-12638",),
        "links through a path that is too long to be resolved",
        archives.tar(
            (archives.LONG, tarfile.DIRTYPE, ""),
            ("a", tarfile.SYMTYPE, archives.LONG),
            ("a/b", tarfile.SYMTYPE, "../" * 21),
            ("a/b/written", tarfile.REGTYPE, ""),
        ),
        suffix=".tar.gz",
        door="archive",
    ),
    "working folder": Mechanism(
        ("GHSA-hqp4-2352-xf5r",),
        "what is extracted is compared to the working folder",
        archives.tar(
            ("here", tarfile.SYMTYPE, "{bait}"),
            ("here/written", tarfile.REGTYPE, ""),
        ),
        suffix=".tar.gz",
        door="archive",
    ),
    "symlink": Mechanism(
        (),
        "an archive's member is a symlink out of it",
        archives.tar(("written", tarfile.SYMTYPE, "../" + READ)),
        suffix=".tar.gz",
        door="archive",
    ),
    "hard link": Mechanism(
        (),
        "an archive's member is a hard link out of it",
        archives.tar(("written", tarfile.LNKTYPE, "{bait}/" + READ)),
        suffix=".tar.gz",
        door="archive",
    ),
    "shape bomb": Mechanism(
        ("CVE-2026-0897",),
        "an HDF5 array says half a gigabyte and holds nothing",
        archives.shape_bomb,
    ),
    "external data": Mechanism(
        ("CVE-2026-1669",),
        "an HDF5 array's data are another file",
        archives.external_data,
    ),
    "external link": Mechanism(
        ("CVE-2026-1669",),
        "an HDF5 link goes to another file",
        archives.linked(archives.KERNEL, archives.outside),
    ),
    "soft links": Mechanism(
        (),
        "an HDF5 group is a soft link",
        archives.soft_group,
    ),
    "saved model": Mechanism(
        ("CVE-2026-1462",),
        "a TFSMLayer loads a foreign SavedModel",
        configs.saved_model,
        backend="tensorflow",
    ),
    "up name": Mechanism(
        ("CVE-2026-12479",),
        "a layer's name has `../` and becomes a path",
        configs.up_name,
    ),
    "nested lambda": Mechanism(
        ("CVE-2026-12481",),
        "a Lambda layer where safe mode is not set",
        configs.nested_lambda,
    ),
    "member bomb": Mechanism(
        (),
        "a zip member of half a megabyte unpacks to a thousand times that",
        lambda bait: archives.deflate(config=archives.BOMB),
    ),
    "npz bomb": Mechanism(
        (),
        "an `.npz` of weights says half a gigabyte and holds nothing",
        archives.npz_bomb,
    ),
    "extraction bomb": Mechanism(
        (),
        "assets unpack to half a gigabyte on the disk",
        lambda bait: archives.deflate(
            asset=archives.BOMB // 2 - 1, asset2=archives.BOMB // 2 - 1
        ),
    ),
    "registered name": Mechanism(
        (),
        "`registered_name` says another class than `class_name`",
        configs.registered,
    ),
    "list": Mechanism((), "the config is a list", configs.list_config),
    "text": Mechanism((), "a layer's config is a text", configs.text_config),
}
