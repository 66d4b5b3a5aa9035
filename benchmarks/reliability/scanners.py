"""Public scanners of model files, on our artifact and on the hostile files.

`MNISTCNN_SCANNERS` names the folder with `modelscan` and `modelaudit`.
"""

import json
import os
import subprocess
import tempfile
from pathlib import Path

from mechanisms import MECHANISMS, READ

from mnistcnn.artifact import pretrained_path


def scan(keys: list[str]) -> dict:
    """Runs the public scanners on our artifact and on the hostile files."""
    bin_dir = os.environ.get("MNISTCNN_SCANNERS")
    if not bin_dir:
        return {}
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hostile = []
        for key in keys:
            bait = folder / f"bait {key}"
            bait.mkdir()
            (bait / READ).write_text("secret\n")
            path = folder / f"{key}{MECHANISMS[key].suffix}"
            path.write_bytes(MECHANISMS[key].make(bait))
            hostile.append(path)
        for scanner, scan in (
            ("modelscan", _modelscan),
            ("modelaudit", _modelaudit),
        ):
            command = str(Path(bin_dir) / scanner)
            found[f"{scanner}_findings_in_ours"] = scan(
                command, pretrained_path()
            )
            found[f"{scanner}_warns_of"] = sum(
                bool(scan(command, path)) for path in hostile
            )
    return found


def _run(*command: str) -> dict:
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=300,
        # Otherwise they send telemetry.
        env={**os.environ, "PROMPTFOO_DISABLE_TELEMETRY": "1", "NO_COLOR": "1"},
    )
    start = done.stdout.find("{")
    if start < 0:
        raise RuntimeError(
            f"{command[0]}: {done.stdout[-300:]}{done.stderr[-300:]}"
        )
    return json.JSONDecoder(strict=False).raw_decode(done.stdout[start:])[0]


def _modelscan(command: str, path: Path) -> int:
    report = Path(str(path.name) + ".modelscan.json")
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / report
        subprocess.run(
            [command, "-p", str(path), "-r", "json", "-o", str(out)],
            capture_output=True,
            timeout=300,
        )
        found = json.loads(out.read_text())
    missing = [e for e in found["errors"] if e["category"] == "DEPENDENCY"]
    if missing:
        raise RuntimeError(f"modelscan: {missing[0]['description']}")
    return found["summary"]["total_issues"]


def _modelaudit(command: str, path: Path) -> int:
    found = _run(command, "scan", "--format", "json", "--no-cache", str(path))
    grave = ("warning", "critical", "error")
    return sum(issue.get("severity") in grave for issue in found["issues"])
