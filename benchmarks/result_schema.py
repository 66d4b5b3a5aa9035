"""Writes the JSON Schema of the result files: `results.schema.json`.

Run `python benchmarks/result_schema.py` after a change of the models. A schema
has the types; the rules between fields are only in the models.
"""

from pathlib import Path

from pydantic import TypeAdapter

from mnistcnn.files import write_json
from studies.study_results import StudyResult
from suites.suite_results import SuiteResult
from unlike_mnist.robustness_results import HandwritingResult, RobustnessResult

FILE = Path(__file__).with_name("results.schema.json")
AnyResult = SuiteResult | StudyResult | RobustnessResult | HandwritingResult


def make_schema() -> dict:
    """Makes the JSON Schema of every kind of result file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Result files of the benchmarks of mnistcnn",
        **TypeAdapter(AnyResult).json_schema(),
    }


if __name__ == "__main__":
    write_json(FILE, make_schema())
