"""Puts results of the suites side by side on one page, or in a README.

`python benchmarks/compare.py RESULT... [--out PAGE] [--pictures DIR]
[--against OLD]... [--table PAGE]`, where a RESULT is a result file or a
folder of them. With `--against` it is the regression gate: exit code 1 if
anything became worse. Runs are compared by `mnistcnn compare`.
"""

import argparse
import sys
from pathlib import Path

from pages import (
    RULE,
    insert_text,
    judge,
    write_benchmarks,
    write_records,
    write_table,
)
from running.commands import errors_in_one_line, make_parser

PAGE = Path("benchmarks.html")
# What goes between <!-- name --> and <!-- /name --> of a page.
REGIONS = {
    "records": write_records,
    "gpu": write_table,
    "benchmarks": write_table,
}


def main() -> None:
    """Reads the command line; errors are one line and an exit code."""
    parser = make_parser(__doc__)
    parser.add_argument("results", nargs="+", type=Path, metavar="RESULT")
    parser.add_argument("--out", type=Path, help=f"the page [{PAGE}]")
    parser.add_argument(
        "--pictures", type=Path, help="a folder to keep its pictures in, too"
    )
    parser.add_argument(
        "--against",
        action="append",
        type=Path,
        metavar="OLD",
        help="old results: name what became worse",
    )
    parser.add_argument(
        "--table",
        type=Path,
        metavar="PAGE",
        help="make its table anew: README.md, benchmarks/RECORDS.md, or "
        "benchmarks/README.md, from results of a GPU",
    )
    options = parser.parse_args()
    with errors_in_one_line():
        passed = compare(options)
    sys.exit(0 if passed else 1)


def compare(options: argparse.Namespace) -> bool:
    """Writes what the options ask for; False if the gate found anything."""
    # The page is what this is for, unless something else is asked for.
    if options.out or not (options.against or options.table):
        out = write_benchmarks(
            options.results, options.out or PAGE, pictures=options.pictures
        )
        _say(f"wrote {out}")
    if options.table:
        name = _find_region(options.table)
        text = REGIONS[name](options.results)
        insert_text(options.table, text, name=name)
        _say(f"wrote the table into {options.table}")
    if not options.against:
        return True
    judgement = judge(options.results, options.against)
    for line in (
        *judgement.warnings,
        *judgement.missing,
        *judgement.too_good,
        *judgement.regressed,
        RULE,
        judgement.summary,
    ):
        _say(" ".join(line.split()))
    return judgement.passed


def _find_region(page: Path) -> str:
    """Finds a page's region; if none, the last, which `insert_text` refuses."""
    try:
        text = page.read_text(encoding="utf-8")
    except (OSError, ValueError):
        text = ""
    *_, last = REGIONS
    return next((name for name in REGIONS if f"<!-- {name} -->" in text), last)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
