"""The tables of accuracies in the pages, written from the results."""

import statistics
from collections.abc import Sequence

from formats.result_files import Count
from mnistcnn import units
from mnistcnn.report import name_backend
from pages.markdown import describe_origin, format_table, write_score
from studies.study_results import Run, StudyResult, VariantResult
from studies.variants import STUDIES

# A marked region, the part of MNIST that was scored,
# and whether training included pen strokes.
REGIONS = {
    "accuracy": ("test", False),
    "accuracy-strokes": ("test", True),
    "ablation": ("held-out", False),
    "ablation-strokes": ("held-out", True),
}
_RULES = {
    "accuracy": "Trained on all 60,000 images. {n} test images, read once a "
    "run, after its last epoch; nothing was chosen by them.",
    "accuracy-strokes": "Trained on all 60,000 images and on pen strokes. {n} "
    "test images, read once a run, after its last epoch; nothing was chosen "
    "by them.",
    "ablation-strokes": "Trained on the first 50,000 training images and on "
    "the pen strokes of nine writers of ten. {n} images, the last of the "
    "training set, read once a run, after its last epoch; pens: the digits of "
    "the tenth writer. No test image, no test writer. Against the first line: "
    "seed by seed, mean and standard deviation of the differences, in points.",
    "ablation": "Trained on the first 50,000 training images. {n} images, "
    "the last of the training set, read once a run, after its last epoch; "
    "no test image. Against the first line: seed by seed, mean and standard "
    "deviation of the differences, in points.",
}


def write_region(name: str, results: Sequence[StudyResult]) -> str:
    """Writes the contents of a marked region.

    Args:
        name: of the region, a key of `REGIONS`.
        results: of all studies.

    Returns:
        A table in Markdown; nothing if there is no such result.
    """
    order = [*STUDIES]
    part, strokes = REGIONS[name]
    chosen = sorted(
        (
            result
            for result in results
            if (result.part, STUDIES[result.study].strokes) == (part, strokes)
        ),
        key=lambda one: (order.index(one.study), one.backend),
    )
    if not chosen:
        return ""
    counts = sorted({run.n for run in _all_runs(chosen)})
    n = " or ".join(units.count(count) for count in counts)
    head = ["", f"mean (n = {n})", "sd, points", "seeds"]
    head += ["lowest (95 % interval)", "highest (95 % interval)"]
    once = any(run.once for run in _all_runs(chosen))
    head += ["without rotations"] if once else []
    pens = any(run.pens for run in _all_runs(chosen))
    head += ["pens"] if pens else ["training"]
    compares = REGIONS[name][0] == "held-out"
    head += ["against the first"] if compares else []
    rows = [
        _row(variant, result, compares=compares, once=once, pens=pens)
        for result in chosen
        for variant in result.variants
    ]
    return format_table([head, *rows], _describe(name, chosen, n))


def _row(
    variant: VariantResult,
    result: StudyResult,
    *,
    compares: bool,
    once: bool,
    pens: bool,
) -> list[str]:
    runs = sorted(variant.runs, key=lambda run: run.accuracy)
    row = [
        f"{variant.name}, {name_backend(result.backend)}",
        units.percent(variant.mean),
        _points(variant.sd),
        str(len(runs)),
        write_score(runs[0]),
        write_score(runs[-1]),
    ]
    if once:
        row.append(_mean_share([run.once for run in runs]))
    if pens:
        row.append(_mean_share([run.pens for run in runs]))
    else:
        seconds = statistics.median(run.seconds for run in runs)
        row.append(units.duration(seconds))
    return [*row, _against_first(variant, result)] if compares else row


def _mean_share(counts: Sequence[Count | None]) -> str:
    shares = [count.right / count.n for count in counts if count]
    return units.percent(statistics.fmean(shares)) if shares else ""


def _against_first(variant: VariantResult, result: StudyResult) -> str:
    """Says by how much a variant beats the first, over common seeds."""
    first = result.variants[0]
    study = STUDIES[result.study]
    # An incomplete file may lack the variant that others are compared with.
    if variant is first or first.name != study.variants[0].name:
        return units.DASH
    base = {run.seed: run.accuracy for run in first.runs}
    differences = [
        run.accuracy - base[run.seed]
        for run in variant.runs
        if run.seed in base
    ]
    if not differences:
        return units.DASH
    # z: no minus sign for a difference that rounds to zero.
    text = f"{100 * statistics.fmean(differences):+z.2f}".replace("-", "−")
    if len(differences) == 1:
        return text
    return f"{text} (sd {_points(statistics.stdev(differences))})"


def _points(share: float | None) -> str:
    return units.DASH if share is None else f"{100 * share:.3f}"


def _describe(name: str, results: Sequence[StudyResult], n: str) -> str:
    """Describes the protocol, machine and date, below the table."""
    places = [place for one in results for place in one.environments]
    quick = any(result.quick for result in results)
    pens = any(run.pens for run in _all_runs(results))
    once = not any(run.once for run in _all_runs(results))
    looks = "Each image is read as it is, without rotations. " if once else ""
    measured = "On" if pens else "Training: median, on"
    return (
        f"{'Quick form, not for quoting. ' if quick else ''}"
        f"{_RULES[name].format(n=n)} {looks}sd: over seeds, of a sample (n-1). "
        f"{measured} {describe_origin(places, _all_runs(results))}."
    )


def _all_runs(results: Sequence[StudyResult]) -> list[Run]:
    return [run for result in results for run in result.runs]
