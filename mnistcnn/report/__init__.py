"""Pages for people: one run's report, and the comparison of several."""

from mnistcnn.report.comparison import write_comparison as write_comparison
from mnistcnn.report.gate import RULE as RULE
from mnistcnn.report.gate import judge as judge
from mnistcnn.report.markdown import insert_text as insert_text
from mnistcnn.report.readme import REGION as REGION
from mnistcnn.report.readme import write_table as write_table
from mnistcnn.report.run_report import write_report as write_report
from mnistcnn.report.transfer import STAGES as STAGES
from mnistcnn.report.transfer import describe_start as describe_start
from mnistcnn.report.transfer import format_row as format_row
from mnistcnn.report.tuning_report import HEAD as HEAD
from mnistcnn.report.tuning_report import format_options as format_options
from mnistcnn.report.tuning_report import format_trial as format_trial
from mnistcnn.report.tuning_report import rank as rank
from mnistcnn.report.tuning_report import (
    write_tuning_report as write_tuning_report,
)
