"""Settings of the test suite: the product's own, with a home and database made for this run."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from shouwen.operations.home import Home
from shouwen.operations.service_user import service_account

# The first process of a run (the controller, under xdist) makes the folder, and takes it away.
if "SHOUWEN_TEST_HOME" not in os.environ:
    folder = Path(tempfile.mkdtemp(prefix="shouwen-test-", dir="/tmp"))
    folder.chmod(0o755)
    os.environ["SHOUWEN_TEST_HOME"] = str(folder)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
# A home and with it a server for each process: an open transaction of any test on a server holds
# back whoever follows the ledger there (design, idea 6).
os.environ["SHOUWEN_HOME"] = "/".join(
    (os.environ["SHOUWEN_TEST_HOME"], os.environ.get("PYTEST_XDIST_WORKER", "alone"))
)
if not Path(os.environ["SHOUWEN_HOME"]).is_dir():
    home = Path(os.environ["SHOUWEN_HOME"])
    home.mkdir(mode=0o755)
    Home(home).prepare(service_account())
os.environ.pop("SHOUWEN_PUBLIC_ADDRESS", None)
os.environ.pop("SHOUWEN_POOL", None)

from shouwen.config.settings import *  # noqa: F403
from shouwen.config.settings import STORAGES

STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
