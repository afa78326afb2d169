"""Players ask for sound and film piece by piece; what lies encrypted is handed over so too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.desk.conftest import Office

from shouwen.desk.views import attachments
from shouwen.records.enciphered import PIECE, is_enciphered
from shouwen.records.models import Attachment

AtDesk = Callable[[str], Client]
SIZE = 2 * PIECE
WORDS = bytes(97 + place % 23 for place in range(SIZE))


@pytest.fixture
def address(office: Office, tmp_path: Any, settings: Any) -> str:
    """Of a file of two pieces that lies encrypted."""
    settings.SHOUWEN_HOME = tmp_path
    upload = SimpleUploadedFile("记录.txt", WORDS)
    assert attachments.add(office.person("front-desk-1"), office.receive(), [upload]) == []
    stored = Attachment.objects.get()
    assert is_enciphered(stored.path) and stored.size == SIZE
    return f"/attachments/{stored.pk}/"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        (f"bytes={PIECE - 3}-{PIECE + 3}", PIECE - 3, PIECE + 3),
        (f"bytes={PIECE}-", PIECE, SIZE - 1),
        ("bytes=-5", SIZE - 5, SIZE - 1),
        (f"bytes=7-{SIZE * 2}", 7, SIZE - 1),
        (f"bytes=-{SIZE * 2}", 0, SIZE - 1),
    ],
)
def test_a_range_is_answered_with_just_that(
    address: str, at_desk: AtDesk, asked: str, first: int, last: int
) -> None:
    response = at_desk("front-desk-1").get(address, headers={"Range": asked})
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response.headers["Content-Length"] == str(last - first + 1)
    assert b"".join(response.streaming_content) == WORDS[first : last + 1]  # type: ignore[attr-defined]


def test_anything_else_is_answered_with_the_whole_or_that_there_is_no_such_range(
    address: str, at_desk: AtDesk
) -> None:
    client = at_desk("front-desk-1")
    for asked in ({}, {"Range": "bytes=0-1,4-5"}, {"Range": "bytes=-"}, {"Range": "bytes=9-3"}):
        response = client.get(address, headers=asked)
        assert response.status_code == 200 and response.headers["Accept-Ranges"] == "bytes"
        assert response.headers["Content-Length"] == str(SIZE)
        assert b"".join(response.streaming_content) == WORDS  # type: ignore[attr-defined]
    for asked in ({"Range": f"bytes={SIZE}-"}, {"Range": "bytes=-0"}):
        response = client.get(address, headers=asked)
        assert response.status_code == 416
        assert response.headers["Content-Range"] == f"bytes */{SIZE}"
