"""What one process of a run sends the others: files of its folder alone."""

import io
import zipfile

import pytest

from mnistcnn.errors import ConfigError


@pytest.mark.any_backend
def test_what_is_sent_is_written_within_the_folder(tmp_path):
    from mnistcnn.training import sharing

    run, other = tmp_path / "run", tmp_path / "other"
    for name in ("config.json", "last/state.npz", "steps/1-training.keras"):
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text(name)
    other.mkdir()
    sharing._unpack(sharing._pack(run), other)
    found = {str(p.relative_to(other)) for p in other.rglob("*") if p.is_file()}
    assert found == {"config.json", "last/state.npz", "steps/1-training.keras"}
    for name in ("../out", "/out", "last/../../out", "steps/.x"):
        sent = io.BytesIO()
        with zipfile.ZipFile(sent, "w") as archive:
            archive.writestr(name, "x")
        with pytest.raises(ConfigError, match="The first process sends"):
            sharing._unpack(sent.getvalue(), other)
    assert not (tmp_path / "out").exists()
