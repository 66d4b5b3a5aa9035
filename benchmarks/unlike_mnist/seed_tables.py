"""The scores of one recipe over its seeds, as a table for a page."""

import statistics

from mnistcnn import units
from pages.markdown import describe_origin, format_table
from unlike_mnist.robustness_results import ArtifactScores, RobustnessResult


def write_seeds(result: RobustnessResult) -> str:
    """Writes the scores of one recipe over its seeds, in Markdown.

    Args:
        result: of artifacts of one recipe, each with a different seed.

    Returns:
        A row per measure: mean, sd over the seeds (of a sample, n - 1), and
        the worst value.
    """
    rows = [list_measures(row) for row in result.artifacts]
    head = ["", "mean", "sd, points", "lowest", "highest", "n"]
    cells = []
    for name, (_, n) in rows[0].items():
        shares = [row[name][0] for row in rows]
        cells.append(
            [
                name,
                units.percent(statistics.fmean(shares)),
                f"{100 * statistics.stdev(shares):.2f}",
                units.percent(min(shares)),
                units.percent(max(shares)),
                units.count(n),
            ]
        )
    seeds = ", ".join(str(row.seed) for row in result.artifacts)
    note = (
        f"Recipe {result.artifacts[0].recipe}, seeds {seeds}. "
        f"{describe_origin([result.environment], [result])}."
    )
    return format_table([head, *cells], note)


def list_measures(row: ArtifactScores) -> dict[str, tuple[float, int]]:
    """The measures of an artifact: by name, shares and their sample sizes."""
    clean = row.clean
    worst = min(score.accuracy for score in row.corrupted.values())
    found = {
        "MNIST, likeliest class right": (clean.accuracy, clean.n),
        "MNIST, shown right": (clean.shown or 0.0, clean.n),
        "MNIST, rejected": (clean.refused, clean.n),
        "MNIST, calibration error": (clean.calibration_error, clean.n),
        "mean of 15 corruptions": (row.mean, clean.n),
        "worst corruption": (worst, clean.n),
    }
    for name, part in (row.handwriting or {}).items():
        digits, read = part.digits, part.read
        n = digits.accuracy.n
        found |= {
            f"{name}: network right": (digits.accuracy.accuracy, n),
            f"{name}: read as strokes": (read.accuracy.accuracy, n),
            f"{name}: rejected": (digits.refused, n),
            f"{name}: calibration error": (digits.calibration_error, n),
        }
        for kind, count in part.rejected.items():
            found[f"{name}: rejected, {kind}"] = (count.share, count.n)
    found["drawn and printed non-digits, rejected"] = (
        row.rejections.share,
        row.rejections.n,
    )
    return found
