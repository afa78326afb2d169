"""Taking out of pictures and films what says where and with what they were taken."""

import struct
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps, ImageSequence

MOST_PIXELS = 100_000_000
"""Of all frames together; a small file can unfold to any size in memory."""

_FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
_KEPT = ("transparency", "loop")


class Damaged(ValueError):
    """The file is not whole, or not what its first bytes say."""


class TooLarge(ValueError):
    """The picture has more pixels than are taken in."""


def rewrite_image(source: Path, target: Path, extension: str) -> None:
    """Write the picture anew without EXIF, XMP, comments, text chunks or thumbnails.

    Orientation is applied to the pixels, the colour profile stays, animation stays.
    Raises Damaged or TooLarge.
    """
    try:
        with Image.open(source, formats=[_FORMATS[extension]]) as image:
            # Telephones write second pictures (MPO) behind the first; those are left out.
            animated = image.format != "MPO" and getattr(image, "n_frames", 1) > 1
            frames = getattr(image, "n_frames", 1) if animated else 1
            if image.width * image.height * frames > MOST_PIXELS:
                raise Image.DecompressionBombError
            if animated:
                _rewrite_animation(image, target, _FORMATS[extension])
            else:
                _rewrite_still(image, target, _FORMATS[extension])
    except (Image.DecompressionBombError, MemoryError) as error:
        raise TooLarge from error
    except (OSError, EOFError, SyntaxError, ValueError, LookupError, struct.error) as error:
        raise Damaged from error


def _rewrite_still(image: Image.Image, target: Path, form: str) -> None:
    profile = image.info.get("icc_profile")
    upright = ImageOps.exif_transpose(image)
    upright.info = {name: upright.info[name] for name in _KEPT if name in upright.info}
    upright.save(target, form, quality=90, icc_profile=profile)


def _rewrite_animation(image: Image.Image, target: Path, form: str) -> None:
    profile, loop = image.info.get("icc_profile"), image.info.get("loop")
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        still = frame.copy()
        durations.append(frame.info.get("duration", 0))
        still.info = {name: still.info[name] for name in _KEPT if name in still.info}
        frames.append(still)
    options = {} if loop is None else {"loop": loop}
    frames[0].save(
        target,
        form,
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        icc_profile=profile,
        quality=90,
        **options,
    )


# ISO/IEC 14496-12 and QuickTime files: place, device and words of the maker lie in user
# data and metadata boxes of the film and its tracks, never in the samples' own tables.
_DESCEND = (b"moov", b"trak")
_BLANK = (b"udta", b"meta", b"uuid")
_BLOCK = bytes(1 << 16)


def blank_film_metadata(path: Path) -> None:
    """Turn user data and metadata boxes of an MP4, MOV or M4A file into empty space, in place.

    Everything else keeps its position, so that offsets in the file still hold. Raises
    Damaged where the boxes do not nest.
    """
    with path.open("r+b") as file:
        _blank_boxes(file, 0, path.stat().st_size, outermost=True)


def _blank_boxes(file: BinaryIO, position: int, end: int, *, outermost: bool = False) -> None:
    while end - position >= 8:
        file.seek(position)
        size, name = struct.unpack(">I4s", file.read(8))
        header = 8
        if size == 1:
            header, size = 16, int.from_bytes(file.read(8))
        elif size == 0:
            size = end - position
        if size < header:
            raise Damaged
        if position + size > end:
            # A recording that was cut short ends within its media data.
            if outermost and name == b"mdat":
                return
            raise Damaged
        if name in _DESCEND:
            _blank_boxes(file, position + header, position + size)
        elif name in _BLANK:
            file.seek(position + 4)
            file.write(b"free")
            file.seek(position + header)
            left = size - header
            while left:
                left -= file.write(_BLOCK[:left])
        position += size
