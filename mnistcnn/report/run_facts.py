"""What a run was: times, memory, config, environment, data."""

from collections.abc import Mapping

from mnistcnn import units
from mnistcnn.report.html import Markup, section, table
from mnistcnn.report.labels import name_backend


def write_facts(run: Mapping) -> list[Markup]:
    """Writes all that is needed to know what was run, and where.

    Args:
        run: the contents of `metrics.json`.

    Returns:
        Sections.
    """
    data, environment = run["data"], run["environment"]
    timing, memory = run["timing"], run["memory"]
    device = environment["device"]
    data_rows = [("name", data["name"]), ("SHA-256", data["digest"])]
    if data.get("about"):
        data_rows.append(("about", data["about"]))
    data_rows += [
        (part, units.plain(size)) for part, size in data["sizes"].items()
    ]
    environment_rows = [
        ("backend", name_backend(environment["backend"])),
        ("device", f"{device['name']} ({device['kind']})"),
        ("processor", environment["processor"]),
        ("cores", units.plain(environment.get("cores"))),
        ("platform", units.plain(environment.get("platform"))),
        *environment["versions"].items(),
    ]
    timing_rows = [
        ("import", units.duration(timing["import"])),
        ("build", units.duration(timing["build"])),
        *_before(timing),
        ("first step", units.duration(timing["first_step"])),
        ("steady epoch (median)", units.duration(timing["steady_epoch"])),
        ("total", units.duration(timing["total"])),
    ]
    memory_rows = [
        ("peak on the host", units.memory(memory["peak_host_bytes"])),
        ("peak on the device", units.memory(memory["peak_device_bytes"])),
    ]
    config_rows = [
        (key, units.plain(value)) for key, value in run["config"].items()
    ]
    return [
        section("Timing", table(timing_rows)),
        section("Memory", table(memory_rows)),
        section("Configuration", table(config_rows)),
        section("Environment", table(environment_rows)),
        section("Data", table(data_rows)),
    ]


def _before(timing: Mapping) -> list[tuple]:
    """What the runs before a run took, of a teacher or a start."""
    # Runs of old have no such number; less is looking for what is not there.
    seconds = timing.get("before")
    if not isinstance(seconds, int | float) or seconds <= 1:
        return []
    return [("runs before it", units.duration(seconds))]
