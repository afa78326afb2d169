"""`make bench`, or `python -m benchmarks`: see docs/performance.md."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import figures, machine, one
from benchmarks.figures import Figure
from benchmarks.installation import ROOT, CannotMeasure, usual_folder

PAGE = ROOT / "docs" / "performance.md"
#: Of fewer running clocks not enough fall due.
FEWEST_RUNNING = 20_000
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def main() -> int:
    options = _options()
    if options.one:
        return _one(options)
    if options.profile:
        print(one.profile(options.folder, options.sizes[0], options.profile))
        return 0
    load = os.getloadavg()[0]
    if load > machine.BUSY:
        _say(f"The machine is busy (load average {load:.2f}): the figures say more of that.")
    described, measured = _kept(options)
    for size in options.sizes:
        if size in measured:
            _say(f"{size:,}: taken from {options.json}")
            continue
        given = (f"--one={size}", f"--seconds={options.seconds}", f"--folder={options.folder}")
        told = _in_a_process("benchmarks", *given)
        described = described or told["machine"]
        measured[size] = [Figure(**each) for each in told["figures"]]
        _keep(options, described, measured)
    running = options.running or max(*options.sizes, FEWEST_RUNNING)
    _say(f"clocks, {running:,} running")
    clocks = _in_a_process("benchmarks.timekeeper", "--json", f"--running={running}")
    greatest = measured[max(options.sizes)]
    greatest[:] = [each for each in greatest if not each.section.startswith(figures.CLOCKS)]
    greatest += [Figure(**each) for each in clocks]
    _keep(options, described, measured)
    rows = figures.table(measured)
    print("\n".join(f"{name}: {value}" for name, value in described.items()))
    print(figures.plain(rows))
    if options.docs:
        _write_down(described, rows)
    return 0


def _kept(options: argparse.Namespace) -> tuple[dict[str, str], dict[int, list[Figure]]]:
    """What a run that was cut off had measured, where it is to be gone on with."""
    if not options.resume or not options.json.exists():
        return {}, {}
    kept = json.loads(options.json.read_text(encoding="utf-8"))
    figures_of = {
        int(size): [Figure(**each) for each in found] for size, found in kept["figures"].items()
    }
    return kept["machine"], {size: figures_of[size] for size in options.sizes if size in figures_of}


def _keep(
    options: argparse.Namespace, described: dict[str, str], measured: dict[int, list[Figure]]
) -> None:
    if options.json:
        kept = {size: [each.to_json() for each in found] for size, found in measured.items()}
        options.json.write_text(
            json.dumps({"machine": described, "figures": kept}, ensure_ascii=False, indent=1),
            encoding="utf-8",
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--sizes", type=_sizes, default=[10_000], help="complaints, e.g. '10000 100000'"
    )
    parser.add_argument("--seconds", type=float, default=15, help="of each measuring under load")
    parser.add_argument(
        "--running", type=int, help="running clocks (default: the greatest size, at least 20,000)"
    )
    parser.add_argument("--folder", type=Path, default=usual_folder(), help="of the installations")
    parser.add_argument(
        "--json", type=Path, help="write all figures there, each size as soon as it is measured"
    )
    parser.add_argument(
        "--resume", action="store_true", help="take the sizes that the --json file has already"
    )
    parser.add_argument(
        "--docs", action="store_true", help="write the table into docs/performance.md"
    )
    parser.add_argument("--profile", metavar="PATH", help="where the time of one path goes instead")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.resume and not options.json:
        parser.error("--resume goes on with the file of --json: name one")
    return options


def _sizes(text: str) -> list[int]:
    return [int(size.replace("_", "").replace(",", "")) for size in text.split()]


def _one(options: argparse.Namespace) -> int:
    try:
        described, found = one.measure(options.folder, options.one, options.seconds, _say)
    except CannotMeasure as reason:
        _say(str(reason))
        return 1
    json.dump({"machine": described, "figures": [each.to_json() for each in found]}, sys.stdout)
    return 0


def _in_a_process(module: str, *arguments: str) -> Any:
    """Each size has settings of its own, which a process reads once."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.returncode)
    return json.loads(done.stdout)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _write_down(described: dict[str, str], rows: list[list[str]]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    said = "\n".join(f"- {name}: {value}" for name, value in described.items())
    new = f"{BEGIN}\n{said}\n\n{figures.markdown(rows)}\n{END}"
    PAGE.write_text(f"{before}{new}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
