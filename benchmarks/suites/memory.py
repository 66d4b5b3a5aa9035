"""The most memory that training takes, on the host and on the device."""

from formats.records import Record

VERSION = 2
REPEATS = 3
WARMUP = 0
PATHS = ("engine", "fit")
BATCH_SIZE = 128
IMAGES, QUICK_IMAGES = 42_000, 2000


def plan(quick: bool) -> list[dict]:
    """Plans both ways to train the Keras model."""
    return [{"path": path} for path in PATHS]


def measure(job: dict) -> tuple[list[Record], dict]:
    """Measures the peaks after the import and after one epoch."""
    from mnistcnn import load_data
    from mnistcnn.backends import describe_memory
    from suites.paths import make_orders, make_path

    before = describe_memory()
    images = QUICK_IMAGES if job["quick"] else IMAGES
    run = make_path(job["path"], load_data(), BATCH_SIZE)
    run(next(make_orders(images, BATCH_SIZE)))
    after = describe_memory()
    sizes = {
        "host_after_import": before["peak_host_bytes"],
        "host_peak_training": after["peak_host_bytes"],
        "device_peak_training": after["peak_device_bytes"],
    }
    records = [
        Record({"what": what, "path": job["path"]}, "bytes", size)
        for what, size in sizes.items()
        # A CPU has no separate memory, and Windows does not report the peak.
        if size is not None
    ]
    return records, {"images": images, "batch_size": BATCH_SIZE}
