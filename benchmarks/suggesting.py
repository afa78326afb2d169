"""How long a suggestion takes: `python -m benchmarks.suggesting FILE.csv`, each row's longest text.

It runs with every pause in typing, so it should be lost in the time of a request: some 5 ms at most.
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path


def main(path: Path) -> None:
    """Print the median, the 95th percentile and the longest, in milliseconds of the processor."""
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwen.config.settings")
    import django

    django.setup()
    from shouwen.complaints.suggesting import suggest
    from shouwen.complaints.suggestion_rules import shipped

    with path.open(encoding="utf-8", newline="") as file:
        texts = [
            max((value or "" for value in row.values()), key=len) for row in csv.DictReader(file)
        ]
    suggest(texts[0], "", shipped())  # the words are folded once
    taken = []
    for text in texts:
        begun = time.process_time()
        suggest(text, "", shipped())
        taken.append((time.process_time() - begun) * 1000)
    taken.sort()
    last = len(taken) - 1
    print(f"{len(taken)} texts, {max(map(len, texts))} characters the longest")
    print(
        f"median {taken[last // 2]:.2f} ms, p95 {taken[last * 95 // 100]:.2f} ms, longest {taken[-1]:.2f} ms"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
