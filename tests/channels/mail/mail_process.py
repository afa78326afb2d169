"""A real fetching process on the test's database, for the test that kills it.

`python -m tests.channels.mail.mail_process`: the loop of e-mail until there is nothing left to do.
It says where it stands (`fetched`: nothing is kept yet; `written`: the raw message is; `saved`: all
is, but not committed; `committed`: the server does not know) and goes on when a line comes in; at
the end of the input it goes on without asking.
"""

import os
import sys

import django
from django.conf import settings


def pause(word: str) -> None:
    if not sys.stdin.closed:
        print(word, flush=True)
        if not sys.stdin.readline():
            sys.stdin.close()


def main() -> None:
    settings.DATABASES["default"]["NAME"] = os.environ["WORKER_DATABASE"]
    django.setup()
    from shouwen.channels.mail import imap, raw, running, taking

    take, write, save, mark = taking.take, raw.write, taking._saved, imap.Connection.mark

    def taking_up(*arguments: object, **named: object) -> object:
        pause("fetched")
        return take(*arguments, **named)  # type: ignore[arg-type]

    def writing(*arguments: object) -> None:
        write(*arguments)  # type: ignore[arg-type]
        pause("written")

    def saving(*arguments: object) -> object:
        saved = save(*arguments)  # type: ignore[arg-type]
        pause("saved")
        return saved

    def marking(self: imap.Connection, uid: int) -> None:
        pause("committed")
        mark(self, uid)

    taking.take = taking_up  # type: ignore[assignment]
    raw.write = writing  # type: ignore[assignment]
    taking._saved = saving  # type: ignore[assignment]
    imap.Connection.mark = marking  # type: ignore[method-assign]
    while running.turn():
        pass


if __name__ == "__main__":
    main()
