"""Pages for people: one run's report, and the comparison of several."""

from mnistcnn.report.comparison import write_comparison as write_comparison
from mnistcnn.report.run_report import write_report as write_report
