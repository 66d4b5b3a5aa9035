"""The results of the proofs, as a page of Markdown: a template, filled in."""

from pathlib import Path

import jinja2

TEMPLATE = Path(__file__).with_name("page.md.jinja")
_MARKS = "<!-- mechanisms -->", "<!-- /mechanisms -->"
# Figures that are summed over seeds; of all others the largest is shown.
SUMMED = (
    "kills", "while_saving", "unusable", "left_temporary_files",
    "stale_after_next_start", "finished", "finished_differently",
    "seconds", "inputs", "findings",
)  # fmt: skip


def write_page(results: dict) -> str:
    """Writes the page of all results.

    Args:
        results: as `run.py` keeps them, by key.

    Returns:
        Markdown.
    """
    proofs: dict[str, list[dict]] = {}
    for result in results.values():
        proofs.setdefault(result["proof"], []).append(result)
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    sections = {proof: _tabulate(kept) for proof, kept in proofs.items()}
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(sections=sections)


def write_mechanisms(page: str, table: list[dict]) -> str:
    """Writes the table of known mechanisms into a page, between its markers.

    Args:
        page: Markdown with the comments `mechanisms` and `/mechanisms`.
        table: the findings of `attacks.py`, a row for each mechanism.

    Returns:
        The page with the updated table.
    """
    lines = [
        "| test | known as | mechanism | Keras 3.15.1 | `safe_mode=False` |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['test']} | {', '.join(row['ids']) or '–'} | {row['what']} "
        f"| {row['keras']} | {row['keras_unsafe']} |"
        for row in table
    ]
    before, rest = page.split(_MARKS[0])
    _, after = rest.split(_MARKS[1])
    body = "\n".join(["", *lines, ""])
    return f"{before}{_MARKS[0]}{body}{_MARKS[1]}{after}"


def _tabulate(kept: list[dict]) -> dict:
    """Makes a table: a row for each figure, a column for each backend."""
    columns: dict[str, dict] = {}
    for result in kept:
        column = columns.setdefault(result["backend"], {})
        for name, value in result["found"].items():
            if name not in ("faults", "table"):
                column[name] = _join(name, column.get(name), value)
    names = dict.fromkeys(n for column in columns.values() for n in column)
    rows = [
        (
            name.replace("_", " "),
            [_show(name, column.get(name)) for column in columns.values()],
        )
        for name in names
    ]
    backends = [b if b != "none" else "" for b in columns]
    return {"backends": backends, "rows": rows, "where": _where(kept)}


def _join(name: str, old, new):
    if old is None:
        return new
    if name == "passed":
        return old and new
    if name in SUMMED:
        return old + new
    return max(old, new)


def _show(name: str, value) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "**no**"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, float):
        return f"{value:.3g}"
    if name.endswith("bytes"):
        return f"{value / (1 << 20):.1f} MiB"
    return f"{value:,}"


def _where(kept: list[dict]) -> str:
    versions: dict[str, str] = {}
    for result in kept:
        versions |= result["where"]["versions"]
    text = ", ".join(f"{k} {v}" for k, v in sorted(versions.items()) if v)
    dates = sorted({result["where"]["date"] for result in kept})
    processor = kept[0]["where"]["processor"]
    return f"{processor}; {text}; {dates[-1]}."
