"""What is made of the suites' results: a page, a table, a regression gate.

In: result files of `run.py`, as `suites/suite_results.py` reads them. Out:
HTML, Markdown, the gate's judgement. `compare.py` is the command.
"""

from pages.markdown import insert_text as insert_text
from pages.page import write_benchmarks as write_benchmarks
from pages.readme_table import write_table as write_table
from pages.record_tables import write_records as write_records
from pages.regression_gate import RULE as RULE
from pages.regression_gate import judge as judge
