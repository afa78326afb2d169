"""Every test of this room knows the matters."""

from collections.abc import Iterator

import pytest
from tests.clocks import matters

from shouwen.clocks import subjects


@pytest.fixture(autouse=True)
def _matters() -> Iterator[None]:
    registered = dict(subjects._REGISTERED)
    matters.register()
    for known in (matters.versions, matters.about, matters.first_contacts):
        known.clear()
    yield
    subjects._REGISTERED.clear()
    subjects._REGISTERED.update(registered)
