"""Trains the variants of a study, a process a seed, and scores each once.

`KERAS_BACKEND=jax python benchmarks/accuracy.py STUDY [--seeds N ...]
[--out DIR] [--quick] [--jobs N]` writes `DIR/STUDY--<backend>.json` after
each run; runs that the file has already are skipped. `--table PAGE` writes a
page's tables.
"""

import functools
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from mnistcnn.errors import DataError
from mnistcnn.files import write_json
from pages import insert_text
from running.checkout import ROOT, describe_commit, describe_package
from running.commands import errors_in_one_line, make_parser, say
from running.machine import check_variables, say_today
from running.processes import MeasurementError, measure
from studies.accuracy_tables import REGIONS, write_region
from studies.study_results import check_file
from studies.study_runs import begin, check_same, find_run, merge
from studies.variants import QUICK_IMAGES, STUDIES, Study, Variant, find_study

RESULTS = ROOT / "benchmarks" / "results" / "accuracy"
SEEDS = (0, 1, 2, 3, 4)
# For batches of 32 on the slowest backend, on a machine shared with others.
TIMEOUT_SECONDS = 4 * 3600


def main() -> None:
    """Reads the command line; errors are a few lines and an exit code."""
    parser = make_parser(__doc__)
    parser.add_argument("study", nargs="?", help=f"{', '.join(STUDIES)}")
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument(
        "--jobs",
        type=int,
        default=1,
        metavar="N",
        help="runs at a time, on a machine of many cores or a GPU [1]",
    )
    parser.add_argument(
        "--table", type=Path, metavar="PAGE", help="make its tables anew"
    )
    options = parser.parse_args()
    if not (options.study or options.table):
        parser.error("expected a study, or --table docs/recipes.md, or both")
    if min(options.seeds) < 0:
        parser.error(f"--seeds has {min(options.seeds)}. Expected 0 or more.")
    if options.jobs < 1:
        parser.error(f"--jobs is {options.jobs}. Expected 1 or more.")
    with errors_in_one_line():
        if options.study:
            run_study(
                find_study(options.study),
                seeds=options.seeds,
                out=options.out,
                quick=options.quick,
                jobs=options.jobs,
            )
        if options.table:
            write_tables(options.table, options.out)


def run_study(
    study: Study, *, seeds, out: Path, quick: bool, jobs: int = 1
) -> Path:
    """Trains and scores the runs that are not in the result file yet.

    Args:
        study: what to train.
        seeds: each variant is trained once with each of them.
        out: the folder of the result file.
        quick: one epoch of 2,000 images, for a quick look.
        jobs: parallel runs; with more than one, their seconds mean nothing.

    Returns:
        The result file.

    Raises:
        ConfigError: the file has runs of another study or package, or the
            package has uncommitted changes.
        DataError: the data are not those that the study needs, or the file is
            not a result.
        MeasurementError: a run failed; earlier runs are in the file.
    """
    backend = check_variables()
    path = out / f"{study.name}--{backend}.json"
    commit = describe_commit()
    package = "quick" if quick else describe_package()
    machine: dict = measure("environment", {}) | {"package": package}
    if not quick:
        _check_data(machine["data"], study)
    result = begun = begin(study, machine, quick=quick)
    if path.exists():
        # Fields that were not set are absent, as in a new file.
        result = check_file(path).model_dump(exclude_unset=True)
        check_same(result, begun, study, path)
    # All variants of a seed, then the next seed: an interrupted study can
    # still compare them.
    wanted = [(seed, variant) for seed in seeds for variant in study.variants]
    run_one = functools.partial(_run, study, quick=quick)
    failed: MeasurementError | None = None
    with ThreadPoolExecutor(jobs) as pool:
        begun_runs = {}
        for seed, variant in wanted:
            if find_run(result, variant, seed):
                name = f"{study.name}: {variant.name}, seed {seed}"
                say(f"{name}: in {path} already, not run again")
                continue
            begun_runs[pool.submit(run_one, variant, seed)] = variant
        for done in as_completed(begun_runs):
            if done.cancelled():
                continue
            try:
                run = {**done.result(), **commit}
            except MeasurementError as error:
                # Runs in progress finish and are kept; no other starts.
                pool.shutdown(wait=False, cancel_futures=True)
                failed = error
                continue
            place = machine["environment"]
            result = merge(result, study, begun_runs[done], run, place)
            write_json(path, result)
    if failed:
        raise failed
    check_file(path)
    say(f"wrote {path}")
    return path


def _check_data(data: dict, study: Study) -> None:
    """Refuses data other than those that the study is defined on."""
    if data["name"] != "MNIST":
        raise DataError(
            f"The data are {data['name']}. Expected MNIST, which "
            "is what is claimed about: set MNISTCNN_DATA to an mnist.npz."
        )
    if bool(data.get("strokes")) != study.strokes:
        found = ", ".join(data.get("strokes") or ["no pen strokes"])
        expected = "files of pen strokes" if study.strokes else "MNIST alone"
        raise DataError(
            f"Besides MNIST there are {found}. Expected {expected} for the "
            f"study {study.name}: set MNISTCNN_DATA so (docs/data.md)."
        )


def _run(study: Study, variant: Variant, seed: int, *, quick: bool) -> dict:
    """Trains and scores one variant with one seed, in its own process."""
    start = time.perf_counter()
    job = {
        "config": variant.config(quick=quick),
        "pen_widths": variant.changes.get("pen_widths"),
        "seed": seed,
        "part": study.part,
        "limit": QUICK_IMAGES if quick else None,
    }
    score = measure("accuracy", job, timeout_seconds=TIMEOUT_SECONDS)
    say(
        f"{study.name}: {variant.name}, seed {seed}: {score['right']:,} of "
        f"{score['n']:,} right, {time.perf_counter() - start:.0f} s"
    )
    return {"seed": seed, **score, "date": say_today()}


def write_tables(readme: Path, folder: Path) -> None:
    """Writes the tables of all results into the marked regions of a file.

    Args:
        readme: with the markers of one or more of `REGIONS`.
        folder: of the result files.

    Raises:
        DataError: the file has no such region, or a result is invalid.
    """
    results = [check_file(path) for path in sorted(folder.glob("*.json"))]
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    names = [name for name in REGIONS if f"<!-- {name} -->" in text]
    # If there is none, the first region's error says what was expected.
    for name in names or REGIONS:
        insert_text(readme, write_region(name, results), name=name)
        say(f"wrote the table {name} into {readme}")


if __name__ == "__main__":
    main()
