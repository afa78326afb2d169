"""A real worker on the test's database: `python -m tests.notices.worker_process NAME`."""

import os
import sys

import django
from django.conf import settings


def main(name: str) -> None:
    settings.DATABASES["default"]["NAME"] = os.environ["WORKER_DATABASE"]
    django.setup()
    from django.core.management import call_command

    call_command("worker", "--name", name)


if __name__ == "__main__":
    main(sys.argv[1])
