"""Settings of the test suite: the product's own, with a home and database made for this run."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from shouwen.operations.home import Home
from shouwen.operations.service_user import service_account

# The first process of a run (the controller, under xdist) makes the home; its workers inherit it.
if "SHOUWEN_TEST_HOME" not in os.environ:
    home = Path(tempfile.mkdtemp(prefix="shouwen-test-", dir="/tmp"))
    home.chmod(0o755)
    Home(home).prepare(service_account())
    os.environ["SHOUWEN_TEST_HOME"] = str(home)
    atexit.register(shutil.rmtree, home, ignore_errors=True)
os.environ["SHOUWEN_HOME"] = os.environ["SHOUWEN_TEST_HOME"]
os.environ.pop("SHOUWEN_PUBLIC_ADDRESS", None)
os.environ.pop("SHOUWEN_POOL", None)

from shouwen.config.settings import *  # noqa: F403
from shouwen.config.settings import STORAGES

STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
