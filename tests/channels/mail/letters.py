"""The messages of the tests: as mail programs write them, well and badly, and as no honest one does.

Written by code, byte by byte where it matters. Each says what must become of it.
"""

from __future__ import annotations

import base64
import io
import quopri
import struct
import zipfile
from dataclasses import dataclass, field
from email.header import Header
from email.message import EmailMessage

LAMP = "三号楼二单元楼道的灯不亮，晚上看不见。"
LAMP_HANT = "三號樓二單元樓道的燈不亮，晚上看不見。"
SUBJECT = "楼道灯不亮"
SUBJECT_HANT = "樓道燈不亮"


@dataclass(frozen=True)
class Sample:
    """A message: `becomes` a state of IncomingMail; `says` what its complaint's words hold, `lacks`
    what they do not; `files` those that are taken in."""

    name: str
    raw: bytes
    becomes: str = "complaint"
    says: str = LAMP
    lacks: str = ""
    subject: str | None = None
    files: tuple[str, ...] = ()
    sender: str | None = None
    notes: tuple[str, ...] = field(default=())


def headed(name: str, body: bytes, *lines: str | bytes, sender: str = "", **headers: str) -> bytes:
    """A message of these header lines and a body, with From, To, Subject and Message-ID."""
    given = {
        "From": sender or f"{name}@example.com",
        "To": "kefu@example.cn",
        "Subject": "=?utf-8?b?" + base64.b64encode(SUBJECT.encode()).decode() + "?=",
        "Date": "Mon, 30 Nov 2026 10:00:00 +0800",
        "Message-ID": f"<{name}@mail.example.com>",
        "MIME-Version": "1.0",
    } | {key.replace("_", "-"): value for key, value in headers.items()}
    head = [f"{key}: {value}".encode() for key, value in given.items() if value]
    head += [line if isinstance(line, bytes) else line.encode() for line in lines]
    return b"\r\n".join([*head, b"", body])


def text(
    name: str, said: str, charset: str, declared: str | None, how: str = "8bit", **headers: str
) -> bytes:
    """A text/plain message in a charset, declared as something, in a transfer encoding."""
    data = said.encode(charset)
    if how == "base64":
        data = base64.encodebytes(data)
    elif how == "quoted-printable":
        data = quopri.encodestring(data)
    kind = "text/plain" + (f"; charset={declared}" if declared else "")
    return headed(
        name, data, f"Content-Type: {kind}", f"Content-Transfer-Encoding: {how}", **headers
    )


def encoded(said: str, charset: str, how: str = "b") -> str:
    """An encoded word."""
    data = said.encode(charset)
    if how == "q":
        return f"=?{charset}?q?" + "".join(f"={byte:02X}" for byte in data) + "?="
    return f"=?{charset}?b?" + base64.b64encode(data).decode() + "?="


def multipart(name: str, *parts: bytes, kind: str = "mixed", **headers: str) -> bytes:
    """Parts, each with its own headers, between boundaries."""
    body = b"".join(b"--border\r\n" + part + b"\r\n" for part in parts) + b"--border--\r\n"
    return headed(name, body, f'Content-Type: multipart/{kind}; boundary="border"', **headers)


def part(kind: str, data: bytes, *lines: str | bytes) -> bytes:
    """One part, its bytes as Base64."""
    head = [f"Content-Type: {kind}".encode(), b"Content-Transfer-Encoding: base64"]
    head += [line if isinstance(line, bytes) else line.encode() for line in lines]
    return b"\r\n".join([*head, b"", base64.encodebytes(data)])


def plain(said: str = LAMP) -> bytes:
    return part("text/plain; charset=utf-8", said.encode())


def html(said: str) -> bytes:
    return part("text/html; charset=utf-8", said.encode())


def tnef(body: str = "", files: dict[str, bytes] | None = None) -> bytes:
    """A winmail.dat as Outlook writes it, as far as it matters."""

    def made(level: int, kind: int, data: bytes) -> bytes:
        return (
            struct.pack("<BII", level, kind, len(data))
            + data
            + struct.pack("<H", sum(data) & 0xFFFF)
        )

    said = struct.pack("<IH", 0x223E9F78, 1) + made(1, 0x00089006, struct.pack("<I", 0x10000))
    said += made(1, 0x00069007, struct.pack("<II", 936, 0))
    if body:
        wide = body.encode("utf-16-le") + b"\0\0"
        wide += b"\0" * (-len(wide) % 4)
        length = len(body.encode("utf-16-le")) + 2
        value = struct.pack("<HHII", 0x1F, 0x1000, 1, length) + wide
        said += made(1, 0x00069003, struct.pack("<I", 1) + value)
    for name, data in (files or {}).items():
        said += made(2, 0x00069002, b"\0" * 14)
        said += made(2, 0x00018010, name.encode("gb18030") + b"\0")
        said += made(2, 0x0006800F, data)
    return said


def picture() -> bytes:
    """A small photograph."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (40, 30), (180, 60, 60)).save(out, "JPEG")
    return out.getvalue()


def bomb() -> bytes:
    """An archive of a few kilobytes that would be a hundred megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zero", b"\0" * 20_000_000)
    return out.getvalue()


def with_files() -> bytes:
    """A message as a good program writes it, with a photo and a text."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "住户 <with-files@example.com>", "kefu@example.cn"
    mail["Subject"], mail["Message-ID"] = SUBJECT, "<with-files@mail.example.com>"
    mail.set_content(LAMP)
    mail.add_attachment(picture(), maintype="image", subtype="jpeg", filename="楼道照片.jpg")
    mail.add_attachment("经过".encode(), maintype="text", subtype="plain", filename="经过.txt")
    return mail.as_bytes()


def nested(depth: int) -> bytes:
    """A message within a message, so many times; the innermost says it."""
    inner = headed("innermost", LAMP.encode(), "Content-Type: text/plain; charset=utf-8")
    for number in range(depth):
        inner = headed(f"outer-{number}", inner, "Content-Type: message/rfc822")
    return inner


def matryoshka(depth: int) -> bytes:
    """A multipart in a multipart in a multipart …"""
    body = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + LAMP.encode()
    for number in range(depth):
        border = f"b{number}".encode()
        body = (
            b'Content-Type: multipart/mixed; boundary="'
            + border
            + b'"\r\n\r\n--'
            + border
            + b"\r\n"
            + body
            + b"\r\n--"
            + border
            + b"--\r\n"
        )
    head, _nothing, rest = body.partition(b"\r\n\r\n")
    return headed("matryoshka", rest, head)


def samples() -> list[Sample]:
    """All of them; each from an address of its own."""
    gb = LAMP.encode("gb2312")
    half = base64.b64encode("楼道灯".encode() + "不亮".encode()[:2]).decode()
    rest = base64.b64encode("不亮".encode()[2:]).decode()
    return [
        *_encodings(gb),
        *_headers(half, rest),
        *_shapes(),
        *_quotes(),
        *_machines(),
        *_empty_and_broken(),
        *_hostile(),
    ]


def _encodings(gb: bytes) -> list[Sample]:
    return [
        Sample("utf8", text("utf8", LAMP, "utf-8", "utf-8"), subject=SUBJECT),
        Sample("utf8-base64", text("utf8-base64", LAMP, "utf-8", '"UTF-8"', "base64")),
        Sample("utf8-qp", text("utf8-qp", LAMP, "utf-8", "utf-8", "quoted-printable")),
        Sample("gb2312", text("gb2312", LAMP, "gb2312", "gb2312")),
        Sample("gbk-base64", text("gbk-base64", LAMP, "gbk", "GBK", "base64")),
        Sample(
            "gbk-as-gb2312",
            text("gbk-as-gb2312", "朱镕基路喆字灯不亮", "gbk", "gb2312"),
            says="镕基路喆字",
        ),
        Sample("gb18030", text("gb18030", LAMP + "𠮷", "gb18030", "gb18030", "base64"), says="𠮷"),
        Sample(
            "big5",
            text("big5", LAMP_HANT, "big5", "big5", Subject=encoded(SUBJECT_HANT, "big5")),
            says=LAMP_HANT,
            subject=SUBJECT_HANT,
        ),
        Sample(
            "big5-qp",
            text("big5-qp", LAMP_HANT, "big5", "Big5", "quoted-printable"),
            says=LAMP_HANT,
        ),
        Sample("big5-undeclared", text("big5-undeclared", LAMP_HANT, "big5", None), says=LAMP_HANT),
        Sample("gbk-undeclared", headed("gbk-undeclared", gb), says=LAMP),
        Sample("gbk-as-latin", text("gbk-as-latin", LAMP, "gbk", "iso-8859-1"), says=LAMP),
        Sample("gbk-as-utf8", text("gbk-as-utf8", LAMP, "gbk", "utf-8"), says=LAMP),
        Sample("utf8-as-gbk", text("utf8-as-gbk", LAMP, "utf-8", "gbk"), says=LAMP),
        Sample(
            "unknown-charset",
            text("unknown-charset", LAMP, "utf-8", "x-nothing-of-the-kind"),
            says=LAMP,
        ),
        Sample("utf16", text("utf16", LAMP, "utf-16", "utf-16", "base64")),
        Sample("hz", text("hz", "楼道灯不亮", "hz", "hz-gb-2312"), says="楼道灯不亮"),
        Sample(
            "broken-byte",
            headed(
                "broken-byte", b"\xff" + LAMP.encode(), "Content-Type: text/plain; charset=utf-8"
            ),
        ),
        Sample(
            "broken-base64",
            headed(
                "broken-base64",
                base64.b64encode(LAMP.encode()).rstrip(b"=") + b"!",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: base64",
            ),
            says="三号楼",
        ),
    ]


def _headers(half: str, rest: str) -> list[Sample]:
    return [
        Sample(
            "subject-qp-gbk",
            text("subject-qp-gbk", LAMP, "utf-8", "utf-8", Subject=encoded(SUBJECT, "gbk", "q")),
            subject=SUBJECT,
        ),
        Sample(
            "subject-cut",
            text(
                "subject-cut",
                LAMP,
                "utf-8",
                "utf-8",
                Subject=f"=?utf-8?B?{half}?=\r\n =?utf-8?B?{rest}?=",
            ),
            subject=SUBJECT,
        ),
        Sample(
            "subject-raw-gbk",
            headed(
                "subject-raw-gbk",
                LAMP.encode(),
                b"Subject: " + SUBJECT.encode("gbk"),
                "Content-Type: text/plain; charset=utf-8",
                Subject="",
            ),
            subject=SUBJECT,
        ),
        Sample(
            "subject-unpadded",
            text(
                "subject-unpadded",
                LAMP,
                "utf-8",
                "utf-8",
                Subject="=?UTF-8?B?"
                + base64.b64encode(SUBJECT.encode()).decode().rstrip("=")
                + "?=",
            ),
            subject=SUBJECT,
        ),
        Sample(
            "subject-injects",
            text(
                "subject-injects",
                LAMP,
                "utf-8",
                "utf-8",
                Subject=encoded("灯不亮\r\nBcc: everybody@example.com", "utf-8"),
            ),
            subject="灯不亮 Bcc: everybody@example.com",
        ),
        Sample(
            "from-encoded",
            text(
                "from-encoded",
                LAMP,
                "utf-8",
                "utf-8",
                From=str(Header("李女士", "gb2312")) + " <from-encoded@example.com>",
            ),
        ),
        Sample(
            "from-unquoted",
            text(
                "from-unquoted",
                LAMP,
                "utf-8",
                "utf-8",
                From="王, 女士 (三栋) from-unquoted@example.com",
            ),
            sender="from-unquoted@example.com",
        ),
        Sample("no-message-id", text("no-message-id", LAMP, "utf-8", "utf-8", Message_ID="")),
        Sample(
            "reused-id-1",
            text(
                "reused-id-1",
                LAMP + "其一",
                "utf-8",
                "utf-8",
                Message_ID="<reused@mail.example.com>",
            ),
            says="其一",
        ),
        Sample(
            "reused-id-2",
            text(
                "reused-id-2",
                LAMP + "其二",
                "utf-8",
                "utf-8",
                Message_ID="<reused@mail.example.com>",
            ),
            says="其二",
        ),
        Sample(
            "bare-newlines", text("bare-newlines", LAMP, "utf-8", "utf-8").replace(b"\r\n", b"\n")
        ),
    ]


def _shapes() -> list[Sample]:
    page = f"<html><head><style>p{{color:red}}</style><script>alert(1)</script></head><body><p>{LAMP}</p><img src=x onerror=alert(2)><div>谢谢 &amp; 再见</div></body></html>"
    forwarded = b"Content-Type: message/rfc822\r\n\r\n" + headed(
        "inner",
        LAMP.encode(),
        "Content-Type: text/plain; charset=utf-8",
        Subject=encoded("邻居的原信", "utf-8"),
    )
    return [
        Sample("with-files", with_files(), files=("楼道照片.jpg", "经过.txt")),
        Sample(
            "html-only",
            headed("html-only", page.encode(), "Content-Type: text/html; charset=utf-8"),
            lacks="alert",
        ),
        Sample(
            "html-gbk",
            headed("html-gbk", page.encode("gbk"), "Content-Type: text/html; charset=gbk"),
        ),
        Sample(
            "alternative",
            multipart(
                "alternative", plain(), html(f"<p>{LAMP}</p><p>只在网页里</p>"), kind="alternative"
            ),
            lacks="只在网页里",
        ),
        Sample(
            "winmail",
            multipart(
                "winmail",
                part(
                    "application/ms-tnef",
                    tnef(LAMP, {"照片.jpg": picture()}),
                    'Content-Disposition: attachment; filename="winmail.dat"',
                ),
            ),
            files=("照片.jpg",),
        ),
        Sample(
            "winmail-broken",
            multipart(
                "winmail-broken",
                plain(),
                part(
                    "application/ms-tnef",
                    tnef(LAMP, {"照片.jpg": picture()})[:90],
                    'Content-Disposition: attachment; filename="winmail.dat"',
                ),
            ),
        ),
        Sample(
            "forwarded-inside",
            multipart("forwarded-inside", plain("请处理"), forwarded),
            says="邻居的原信",
        ),
        Sample("forwarded-only", nested(1)),
        Sample("forwarded-deep", nested(6)),
        Sample(
            "file-name-gbk",
            multipart(
                "file-name-gbk",
                plain(),
                part(
                    "image/jpeg",
                    picture(),
                    b'Content-Disposition: attachment; filename="'
                    + "照片".encode("gbk")
                    + b'.jpg"',
                ),
            ),
            files=("照片.jpg",),
        ),
        Sample(
            "file-name-2231",
            multipart(
                "file-name-2231",
                plain(),
                part(
                    "image/jpeg",
                    picture(),
                    "Content-Disposition: attachment; filename*=utf-8''%E7%85%A7%E7%89%87.jpg",
                ),
            ),
            files=("照片.jpg",),
        ),
        Sample(
            "file-name-climbs",
            multipart(
                "file-name-climbs",
                plain(),
                part(
                    "image/jpeg",
                    picture(),
                    'Content-Disposition: attachment; filename="../../etc/passwd.jpg"',
                ),
            ),
            files=("passwd.jpg",),
        ),
        Sample(
            "program-attached",
            multipart(
                "program-attached",
                plain(),
                part(
                    "application/octet-stream",
                    b"MZ\x90" + b"\0" * 400,
                    'Content-Disposition: attachment; filename="invoice.exe"',
                ),
            ),
        ),
        Sample(
            "huge-text",
            text("huge-text", LAMP + "长。" * 200_000, "utf-8", "utf-8", "base64"),
            notes=("truncated",),
        ),
        Sample(
            "danger",
            text("danger", "电梯停了，里面困着人，快来！", "utf-8", "utf-8"),
            says="困着人",
        ),
    ]


def _quotes() -> list[Sample]:
    old = "您好，请问贵姓？这是上一封信的内容。"
    outlook = f"{LAMP}\n\n________________________________\n发件人: 客服 <kefu@example.cn>\n发送时间: 2026年11月29日 9:00\n收件人: 住户\n主题: 答复\n\n{old}"
    qq = f'{LAMP}\n\n\n------------------ 原始邮件 ------------------\n发件人: "客服" <kefu@example.cn>;\n{old}'
    chinese = f"{LAMP}\n\n在 2026年11月29日 10:12，客服 <kefu@example.cn> 写道：\n> {old}"
    english = f"{LAMP}\n\nOn Sun, Nov 29, 2026 at 10:12 AM Customer Centre\n<kefu@example.cn> wrote:\n> {old}"
    signed = f"{LAMP}\n\n-- \n一位住户\n13800001001"
    phone = f"{LAMP}\n\n发自我的iPhone"
    inline = f"> {old}\n{LAMP}\n> 还有别的吗？"
    page = f"<div>{LAMP}</div><blockquote type=cite><div>On Nov 29, kefu wrote:</div><p>{old}</p></blockquote>"
    passed_on = f"麻烦处理\n\n-----转发邮件-----\n发件人: 邻居\n主题: 灯\n\n{LAMP}"
    return [
        *(
            Sample(name, text(name, said, "utf-8", "utf-8"), lacks=lacks)
            for name, said, lacks in (
                ("quote-outlook", outlook, old),
                ("quote-qq", qq, old),
                ("quote-zh", chinese, old),
                ("quote-en", english, old),
                ("signature", signed, "一位住户"),
                ("sent-from-phone", phone, "iPhone"),
                ("quote-inline", inline, "还有别的吗"),
            )
        ),
        Sample(
            "quote-html",
            headed("quote-html", page.encode(), "Content-Type: text/html; charset=utf-8"),
            lacks=old,
        ),
        Sample(
            "passed-on",
            text("passed-on", passed_on, "utf-8", "utf-8", Subject=encoded("转发: 灯", "utf-8")),
        ),
    ]


def _machines() -> list[Sample]:
    report = multipart(
        "mailer-daemon",
        plain("The following message could not be delivered."),
        b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; example.com\r\n\r\nFinal-Recipient: rfc822; x@example.com\r\nAction: failed\r\n",
        kind="report; report-type=delivery-status",
        Return_Path="<>",
    )

    def auto(name: str, **headers: str) -> Sample:
        return Sample(name, text(name, LAMP, "utf-8", "utf-8", **headers), becomes="ignored")

    return [
        auto("auto-replied", Auto_Submitted="auto-replied (vacation)"),
        auto("auto-generated", Auto_Submitted="auto-generated"),
        auto("x-autoreply", X_Autoreply="yes"),
        auto("bulk", Precedence="bulk"),
        auto(
            "newsletter", List_Id="<news.example.com>", List_Unsubscribe="<mailto:off@example.com>"
        ),
        auto("empty-return-path", Return_Path="<>"),
        auto("postmaster", From="MAILER-DAEMON@example.com"),
        auto("vacation-subject", Subject=encoded("自动回复：我在休假", "utf-8")),
        Sample("bounce", report, becomes="ignored"),
        Sample(
            "auto-submitted-no",
            text("auto-submitted-no", LAMP, "utf-8", "utf-8", Auto_Submitted="no"),
        ),
        Sample(
            "own-address",
            text("own-address", LAMP, "utf-8", "utf-8", From="kefu@example.cn"),
            becomes="held",
        ),
    ]


def _empty_and_broken() -> list[Sample]:
    return [
        Sample("nothing", b"", becomes="held"),
        Sample("only-spaces", b"   \r\n\r\n   ", becomes="held"),
        Sample("no-headers", b"\r\n" + LAMP.encode(), becomes="held"),
        Sample("noise", bytes(range(256)) * 20, becomes="held"),
        Sample("empty-body", headed("empty-body", b"", "Content-Type: text/plain"), says=SUBJECT),
        Sample(
            "empty-all",
            headed("empty-all", b"", "Content-Type: text/plain", Subject=""),
            becomes="held",
        ),
        Sample(
            "no-sender",
            headed("x", LAMP.encode(), "Content-Type: text/plain; charset=utf-8", From=" "),
            becomes="held",
        ),
        Sample(
            "only-a-photo",
            multipart(
                "only-a-photo",
                part("image/jpeg", picture(), 'Content-Disposition: attachment; filename="a.jpg"'),
                Subject="",
            ),
            says="只有附件",
            files=("a.jpg",),
        ),
        Sample(
            "no-boundary",
            headed("no-boundary", LAMP.encode(), "Content-Type: multipart/mixed"),
            says=SUBJECT,
        ),
        Sample(
            "never-ends",
            headed(
                "never-ends",
                b"--border\r\n" + plain(),
                'Content-Type: multipart/mixed; boundary="border"',
            ),
        ),
        Sample(
            "wrong-type",
            headed(
                "wrong-type",
                LAMP.encode(),
                "Content-Type: nonsense;;;==",
                "Content-Transfer-Encoding: moebius",
            ),
        ),
        Sample(
            "broken-date",
            text(
                "broken-date", LAMP, "utf-8", "utf-8", Date="Someday, 99 Foo 99999 99:99:99 +9999"
            ),
        ),
    ]


def _hostile() -> list[Sample]:
    thousand = multipart("thousand-parts", plain(), *(part("image/png", b"x") for _ in range(1000)))
    endless = b"<div>" * 40_000 + LAMP.encode() + b"<!--" * 40_000
    boundaries = b"".join(
        b"--%d\r\nContent-Type: multipart/mixed; boundary=%d\r\n\r\n" % (n, n + 1)
        for n in range(400)
    )
    many = {f"{n}.txt": b"x" for n in range(200)}
    return [
        Sample("thousand-parts", thousand, notes=("too_many_parts",)),
        Sample("matryoshka-10", matryoshka(10)),
        Sample("matryoshka-100", matryoshka(100), says=SUBJECT, notes=("too_deep",)),
        Sample(
            "matryoshka-2000",
            headed("matryoshka-2000", boundaries, "Content-Type: multipart/mixed; boundary=0"),
            says=SUBJECT,
            notes=("too_deep",),
        ),
        Sample("rfc822-60", nested(60), says=SUBJECT, notes=("too_deep",)),
        Sample(
            "zip-bomb",
            multipart(
                "zip-bomb",
                plain(),
                part(
                    "application/zip", bomb(), 'Content-Disposition: attachment; filename="a.zip"'
                ),
            ),
        ),
        Sample(
            "nuls",
            headed(
                "nuls", LAMP.encode() + b"\0\0\x1b[31m", "Content-Type: text/plain; charset=utf-8"
            ),
        ),
        Sample(
            "surrogates",
            text("surrogates", "灯不亮 \\ud800", "utf-8", "utf-8").replace(
                b"\\ud800", b"\xed\xa0\x80"
            ),
            says="灯不亮",
        ),
        Sample(
            "utf7-surrogates",
            headed("utf7-surrogates", b"lamp +2AA-", "Content-Type: text/plain; charset=utf-7"),
            says="lamp",
        ),
        Sample(
            "rtl-name",
            text(
                "rtl-name",
                LAMP,
                "utf-8",
                "utf-8",
                From=encoded("\u202egpj.exe", "utf-8") + " <rtl-name@example.com>",
            ),
        ),
        Sample(
            "endless-html",
            headed("endless-html", endless, "Content-Type: text/html; charset=utf-8"),
        ),
        Sample(
            "endless-header",
            text(
                "endless-header",
                LAMP,
                "utf-8",
                "utf-8",
                References=" ".join(f"<{n}@example.com>" for n in range(5000)),
            ),
        ),
        Sample(
            "calls-colleagues",
            text("calls-colleagues", LAMP + " @总经理 @客户中心负责人", "utf-8", "utf-8"),
        ),
        Sample(
            "many-in-winmail",
            multipart("many-in-winmail", plain(), part("application/ms-tnef", tnef("", many))),
            notes=("too_many_files",),
        ),
        Sample(
            "winmail-lies",
            multipart(
                "winmail-lies",
                plain(),
                part(
                    "application/ms-tnef",
                    struct.pack("<IHBII", 0x223E9F78, 1, 1, 0x00069003, 16) + b"\xff" * 18,
                ),
            ),
        ),
    ]
