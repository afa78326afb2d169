"""What the vendor sends, read from its XML: nothing but flat elements, no document type, no entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from xml.parsers import expat

#: The vendor's longest messages are a few kilobytes.
LARGEST = 64 * 1024
_DEEPEST = 4
_LONGEST = 4_000  # characters of one text


class Unreadable(Exception):
    """It is no message of the vendor's."""


class Kind(StrEnum):
    """What was sent; `OTHER` is whatever has no meaning here (films, links, menu clicks)."""

    TEXT = "text"
    PICTURE = "image"
    VOICE = "voice"
    LOCATION = "location"
    SUBSCRIBE = "subscribe"
    OTHER = "other"


@dataclass(frozen=True)
class Message:
    """One message. `key` names it: the same once more is the same message sent again.

    `text` is what was written, or what the vendor understood of a voice; `place` the label of a
    location with its coordinates (GCJ-02, as the vendor's maps have them).
    """

    key: str
    sender: str
    account: str
    kind: Kind
    text: str = ""
    place: str = ""
    media_id: str = ""
    picture: str = ""

    @property
    def has_media(self) -> bool:
        """Whether there is something to fetch."""
        return bool(self.media_id or self.picture)


def elements(body: bytes) -> dict[str, str]:
    """The elements below the root that hold text, by name. Raises Unreadable.

    Read by the parser of the standard library with every declaration refused: an entity cannot be
    defined, so that nothing grows and nothing is fetched.
    """
    if len(body) > LARGEST:
        raise Unreadable("too large")
    found: dict[str, str] = {}
    path: list[str] = []
    parser = expat.ParserCreate("utf-8")

    def refuse(*_said: object) -> None:
        raise Unreadable("declaration")

    def start(name: str, _attributes: Mapping[str, str]) -> None:
        path.append(name)
        if len(path) > _DEEPEST:
            raise Unreadable("too deep")

    def text(said: str) -> None:
        if len(path) == 2:
            found[path[1]] = found.get(path[1], "") + said

    def end(_name: str) -> None:
        path.pop()

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ProcessingInstructionHandler = refuse
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.EndElementHandler = end
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        raise Unreadable("xml") from None
    return {name: said.strip() for name, said in found.items()}


def understand(found: Mapping[str, str]) -> Message:
    """The message that these elements are. Raises Unreadable."""
    sender, account = found.get("FromUserName", ""), found.get("ToUserName", "")
    told = found.get("MsgType", "").lower()
    if not (0 < len(sender) <= 64 and 0 < len(account) <= 64 and told):
        raise Unreadable("from, to or kind missing")
    key = found.get("MsgId", "")
    if told == "event":
        # Events have no number: the vendor says to tell them apart by these.
        event = found.get("Event", "").lower()
        key = f"{event[:40]}:{found.get('CreateTime', '')[:20]}"
        kind = Kind.SUBSCRIBE if event == "subscribe" else Kind.OTHER
        return Message(f"event:{key}", sender, account, kind)
    if not key.isdigit() or len(key) > 32:
        raise Unreadable("number missing")
    kind = Kind(told) if told in set(Kind) and told != Kind.SUBSCRIBE else Kind.OTHER
    text = found.get("Recognition" if kind == Kind.VOICE else "Content", "")
    return Message(
        key,
        sender,
        account,
        kind,
        text=_said(text) if kind in (Kind.TEXT, Kind.VOICE) else "",
        place=_place(found) if kind == Kind.LOCATION else "",
        media_id=found.get("MediaId", "")[:200] if kind in (Kind.PICTURE, Kind.VOICE) else "",
        picture=found.get("PicUrl", "")[:1_000] if kind == Kind.PICTURE else "",
    )


def _said(text: str) -> str:
    # NUL cannot be stored; the vendor allows 2,048 bytes.
    return text.replace("\0", "")[:_LONGEST].strip()


def _place(found: Mapping[str, str]) -> str:
    label = _said(found.get("Label", ""))
    try:
        where = f"{float(found['Location_X']):.5f}, {float(found['Location_Y']):.5f}"
    except (KeyError, ValueError):
        where = ""
    both = f"{label[:150]} ({where})" if label and where else label or where
    return both[:200]
