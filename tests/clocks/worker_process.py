"""A real worker on the test's database, for the tests that kill one.

`python -m tests.clocks.worker_process NAME [hang]`: with `hang` it stops for good in the middle of
its first firing, after the entry and the row are written and before they are committed.
"""

import os
import sys
import time
from collections.abc import Sequence

import django
from django.conf import settings


def main(name: str, hang: bool) -> None:
    settings.DATABASES["default"]["NAME"] = os.environ["WORKER_DATABASE"]
    django.setup()
    from django.core.management import call_command
    from tests.clocks import matters

    from shouwen.records.models import Entry

    if hang:

        def stand_still(subject_id: int, entries: Sequence[Entry]) -> None:
            print("firing", flush=True)
            time.sleep(600)

        matters._appended = stand_still
    matters.register()
    call_command("worker", "--name", name)


if __name__ == "__main__":
    main(sys.argv[1], "hang" in sys.argv[2:])
