"""A real rotation of the test's database, for the test that kills it.

`python -m tests.records.rotation_process`: a value a batch; each step is said, and the next
begins when a line comes in.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.conf import settings


def main() -> None:
    settings.DATABASES["default"]["NAME"] = os.environ["ROTATED_DATABASE"]
    settings.SHOUWEN_FIELD_KEYS = None
    settings.SHOUWEN_FIELD_KEY_FILE = Path(os.environ["ROTATED_KEYS"])
    settings.SHOUWEN_HOME = Path(os.environ["ROTATED_HOME"])
    django.setup()
    from django.core.management import call_command

    from shouwen.records import rotation

    rotation.BATCH = 1
    rotate = rotation.rotate

    def step_by_step() -> Iterator[rotation.Progress]:
        for step in rotate():
            print(step.table, step.changed, flush=True)
            sys.stdin.readline()
            yield step

    rotation.rotate = step_by_step
    call_command("keys", "rotate")


if __name__ == "__main__":
    main()
