"""Pages for people: a run's report, a search's, the comparison of runs.

In: a finished run's files, checked key by key. Out: one HTML file that loads
nothing and runs nothing, and the same facts as text for a terminal. Imports
`figures`, `pages` and the ground floor.
"""

from mnistcnn.report.comparison import write_comparison as write_comparison
from mnistcnn.report.finetuning import describe_start as describe_start
from mnistcnn.report.finetuning import (
    tabulate_finetuning as tabulate_finetuning,
)
from mnistcnn.report.labels import SHARED_VERSIONS as SHARED_VERSIONS
from mnistcnn.report.labels import join_words as join_words
from mnistcnn.report.labels import list_differences as list_differences
from mnistcnn.report.labels import name_apart as name_apart
from mnistcnn.report.labels import name_backend as name_backend
from mnistcnn.report.labels import qualify as qualify
from mnistcnn.report.run_report import write_report as write_report
from mnistcnn.report.tuning_report import tabulate_trials as tabulate_trials
from mnistcnn.report.tuning_report import (
    write_tuning_report as write_tuning_report,
)
