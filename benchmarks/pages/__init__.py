"""What is made of the suites' results: a page, a README's table, the gate.

In: result files of `run.py`. Out: HTML, Markdown, a judgement. Imports the
installed package and nothing of `benchmarks/`; `compare.py` is the door.
"""

from pages.gate import RULE as RULE
from pages.gate import judge as judge
from pages.markdown import insert_text as insert_text
from pages.page import write_benchmarks as write_benchmarks
from pages.readme_table import REGION as REGION
from pages.readme_table import write_table as write_table
