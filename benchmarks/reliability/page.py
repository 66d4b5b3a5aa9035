"""The results of the proofs, as a page of Markdown."""

HEAD = """# Reliability

What [SECURITY.md](../SECURITY.md) and the README promise, tried out. This
page is made from [results.json](reliability/results.json), and both by

```sh
nox -s reliability                    # all of it, about an hour on two cores
nox -s reliability -- hostile mutants # some proofs
nox -s fuzz                           # the fuzz targets, eleven minutes
```

It needs Linux, and root to mount the small disks that it fills. A proof that
fails ends the session with exit code 1. Seeds are fixed: the same files and
mutants come again, and the same moments to kill at, as far as the machine
keeps time.
"""
ORDER = (
    "hostile", "mutants", "kills", "disk", "crossing", "signals",
    "downloads", "loading", "fuzz",
)  # fmt: skip
TITLES = {
    "hostile": "Hostile artifacts, each opened in a process of its own",
    "mutants": "Seeded mutants of a good artifact",
    "kills": "Training killed by `kill -9` at seeded moments, and resumed",
    "disk": "A disk that is full while an epoch is saved",
    "crossing": "Runs resumed on the same and on another backend",
    "signals": "Signals, second runs, targets that cannot be written",
    "downloads": "Downloads killed at seeded offsets",
    "loading": "The verified load of MNIST",
    "fuzz": "Fuzzing by atheris, guided by coverage",
}
# What is added up over seeds; of all else the largest is shown.
SUMMED = (
    "kills", "while_saving", "unusable", "left_temporary_files",
    "stale_after_next_start", "finished", "finished_differently",
    "seconds", "inputs", "findings",
)  # fmt: skip


def write_page(results: dict) -> str:
    """The page of all results.

    Args:
        results: what `run.py` keeps, by key.

    Returns:
        Markdown.
    """
    parts = [HEAD]
    for proof in ORDER:
        kept = [r for r in results.values() if r["proof"] == proof]
        if kept:
            parts.append(_section(proof, kept))
    return "\n".join(parts)


def _section(proof: str, kept: list[dict]) -> str:
    """A table: a row for each figure, a column for each backend."""
    columns: dict[str, dict] = {}
    for result in kept:
        column = columns.setdefault(result["backend"], {})
        for name, value in result["found"].items():
            if name != "faults":
                column[name] = _join(name, column.get(name), value)
    names = list(
        dict.fromkeys(n for column in columns.values() for n in column)
    )
    heads = [b if b != "none" else "" for b in columns]
    lines = [
        f"## {TITLES[proof]}\n",
        f"| | {' | '.join(heads)} |",
        f"|---|{'--:|' * len(columns)}",
    ]
    for name in names:
        cells = [_show(name, column.get(name)) for column in columns.values()]
        lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
    lines.append(f"\n{_where(kept)}\n")
    return "\n".join(lines)


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
