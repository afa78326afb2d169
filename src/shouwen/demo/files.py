"""The files that the demo's complaints carry: a line of text, or a picture of a stained wall."""

from __future__ import annotations

import zlib
from datetime import datetime
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.demo.stories.telling import File
from shouwen.organization.models import Staff
from shouwen.records import attachments
from shouwen.records.models import Attachment

WIDTH, HEIGHT = 640, 480
WALL, STAIN, DARK = (226, 224, 216), (178, 154, 116), (128, 106, 78)


def stored(file: File, complaint: Complaint, person: Staff, now: datetime) -> Attachment:
    """Put the file into the store for the complaint, as an upload would be."""
    content = BytesIO(file.text.encode()) if file.text else _picture(file.name)
    return attachments.store(
        subject_type=SUBJECT,
        subject_id=complaint.pk,
        project_id=complaint.project_id,
        upload=content,
        name=file.name,
        actor_id=person.pk,
        now=now,
    )


def described(attachment: Attachment) -> dict[str, object]:
    """What the step of attaching is told of a stored file."""
    return {
        "attachment": str(attachment.pk),
        "name": attachment.name,
        "sha256": attachment.sha256,
        "content_type": attachment.content_type,
        "size": attachment.size,
    }


def _picture(name: str) -> BytesIO:
    """A wall with a stain; by its name always the same."""
    rng = Random(zlib.crc32(name.encode()))
    image = Image.new("RGB", (WIDTH, HEIGHT), WALL)
    draw = ImageDraw.Draw(image)
    x, y = rng.randrange(160, 480), rng.randrange(120, 360)
    for number in range(26):
        size = rng.randrange(30, 130) * (1 - number / 40)
        at = (x + rng.gauss(0, 60), y + rng.gauss(0, 40))
        box = (at[0] - size, at[1] - size * 0.7, at[0] + size, at[1] + size * 0.7)
        draw.ellipse(box, fill=STAIN if number < 18 else DARK)
    image = image.filter(ImageFilter.GaussianBlur(14))
    ImageDraw.Draw(image).line((0, HEIGHT - 60, WIDTH, HEIGHT - 66), fill=DARK, width=3)
    written = BytesIO()
    image.save(written, "JPEG", quality=80)
    written.seek(0)
    return written
