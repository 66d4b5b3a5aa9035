"""Estimates the speed on many GPUs on paper, for `docs/devices.md`.

`python benchmarks/devices_on_paper.py [RESULT]` takes the step of one device
from a result of `training`, by default JAX' on an H100, and prints a table.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parent
RESULT = (
    ROOT
    / "results"
    / "intel-xeon-processor-16-cores-nvidia-h100-80gb-hbm3"
    / "training--jax.json"
)
EPOCH, BATCH = 42_000, 128
# Parameters, and multiplications of one image's forward pass.
NETWORKS = {"base": (34_826, 2_440_960), "deep": (306_410, 6_737_920)}
# Not measured here. Bytes per second each way: NVLink 4 in a host, 400 Gb/s per
# host between them; and seconds per all-reduce: NCCL's time for small sums.
IN_HOST, BETWEEN = (450e9, 20e-6), (50e9, 60e-6)
# The number of devices, and the links that their all-reduce goes through.
GROUPS = {"1 GPU": (1, ()), "8 GPUs": (8, (IN_HOST,))}
GROUPS["64 hosts of 8"] = (512, (IN_HOST, BETWEEN))
MANY = 100_000_000


def measure_step(path: Path) -> float:
    """Reads the seconds of a step of 128 images in float32, by the engine."""
    wanted = {"path": "engine", "batch_size": BATCH, "dtype": "float32"}
    found = json.loads(path.read_text(encoding="utf-8"))["measurements"]
    (epoch,) = (
        row["median"]
        for row in found
        if row["case"] == wanted and row["metric"] == "epoch_seconds"
    )
    return epoch * BATCH / EPOCH


def estimate(step: float, network: str) -> list[list[str]]:
    """Estimates a table row for each group of devices.

    Args:
        step: seconds of a step of the base network, on one device.
        network: one of `NETWORKS`; its step is scaled by its multiplications.
    """
    parameters, operations = NETWORKS[network]
    own = step * operations / NETWORKS["base"][1]
    rows = []
    for name, (devices, ways) in GROUPS.items():
        # A ring all-reduce sends each byte twice; float32.
        added = sum(2 * 4 * parameters / rate + wait for rate, wait in ways)
        same = own / (own / devices + added)
        grown = devices * own / (own + added)
        images = grown * BATCH / own
        rows.append(
            [
                network,
                name,
                f"{1e6 * own:.0f} + {1e6 * added:.0f}",
                f"{1 / (1 + added / own):.2f} to {same:.1f}",
                f"{grown:.1f} (batch {BATCH * devices:,})",
                f"{MANY / images:.1f}",
                f"{MANY * (784 + 40) / devices / 1e9:.1f}",
            ]
        )
    return rows


def main() -> None:
    """Prints the table, in Markdown."""
    path = Path(sys.argv[1]) if sys.argv[1:] else RESULT
    step = measure_step(path)
    print(
        "| network | devices | a step, µs: images + sum | batch 128: times as "
        "fast | 128 images a device: times as fast | 100 million images, s an "
        "epoch | GB of them a device |\n|" + "---|" * 7
    )
    for network in NETWORKS:
        for row in estimate(step, network):
            print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
