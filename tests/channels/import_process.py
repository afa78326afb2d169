"""A real import into the test's database, for the test that kills it.

`python -m tests.channels.import_process FILE MAPPING`: batches of ten rows; each that is committed
is said, and the next begins when a line comes in.
"""

import os
import sys
from collections.abc import Iterator

import django
from django.conf import settings


def main(file: str, mapping: str) -> None:
    settings.DATABASES["default"]["NAME"] = os.environ["IMPORT_DATABASE"]
    django.setup()
    from django.core.management import call_command

    from shouwen.channels.importing import Counts, Import

    run = Import.run

    def step_by_step(self: Import) -> Iterator[Counts]:
        for counts in run(self):
            print(counts.rows, flush=True)
            sys.stdin.readline()
            yield counts

    Import.run = step_by_step  # type: ignore[method-assign]
    call_command("import_file", file, mapping=mapping, batch=10)


if __name__ == "__main__":
    main(*sys.argv[1:])
