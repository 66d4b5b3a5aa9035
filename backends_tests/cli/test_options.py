import sys
import types

import pytest

from mnistcnn.cli.options import start_backend

pytestmark = pytest.mark.core


def test_keras_is_imported_without_what_no_command_wants(monkeypatch):
    missing = set()

    class Backends(types.ModuleType):
        def __getattr__(self, name):
            if name == "keras":
                found = {n for n, m in sys.modules.items() if m is None}
                missing.update(found & {"matplotlib", "sklearn"})
            return object()

    for name in ("matplotlib", "sklearn"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    stub = Backends("mnistcnn.backends")
    monkeypatch.setitem(sys.modules, "mnistcnn.backends", stub)
    start_backend()
    assert missing == {"matplotlib", "sklearn"}
    # What comes later finds both.
    assert not {"matplotlib", "sklearn"} & set(sys.modules)
