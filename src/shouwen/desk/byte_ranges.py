"""Files handed over whole or in part: players of sound and film ask for one piece after another."""

from __future__ import annotations

import os
import re
from typing import Any, BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


def file_response(request: HttpRequest, stream: BinaryIO, **told: Any) -> HttpResponseBase:
    """The file, or the one range of bytes that is asked for (RFC 9110); `told` is FileResponse's.

    Several ranges at once, and other units, are answered with the whole. 416 where the range
    begins behind the end.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    asked = None if request.method not in ("GET", "HEAD") else request.headers.get("Range")
    found = _RANGE.fullmatch(asked.replace(" ", "")) if asked else None
    first, last = _bounds(found, size) if found else (0, size - 1)
    if found is None or first is None:
        response: HttpResponseBase = FileResponse(stream, **told)
    elif first >= size:
        stream.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        stream.seek(first)
        response = FileResponse(_Part(stream, last - first + 1), status=206, **told)
        response.headers["Content-Length"] = str(last - first + 1)
        response.headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _bounds(found: re.Match[str], size: int) -> tuple[int | None, int]:
    """First and last byte, as far as the file goes; None where the range says nothing."""
    start, end = found.groups()
    if start:
        last = min(int(end), size - 1) if end else size - 1
        return (int(start), last) if not end or int(start) <= int(end) else (None, last)
    if not end:
        return None, size - 1
    # The last so many bytes: none of them is a range behind the end.
    return (max(0, size - int(end)) if int(end) else size), size - 1


class _Part:
    """So many bytes of a stream from where it stands."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        return block

    def close(self) -> None:
        self._stream.close()
