"""Tables of the records: the ledger, its seals, idempotent requests and attachments."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.records import canonical
from shouwen.records.fields import CurrentTransaction, TransactionField
from shouwen.records.keeping import AppendOnly, ErasableOnly, ExpiringOnly, OldOnly, SameFact


def _subject_type() -> models.CharField:
    # Ordered byte by byte, so that the database and Python walk subjects in one order.
    return models.CharField(_("对象类型"), max_length=40, db_collation="C")


class Chain(models.Model):
    """The head of a subject's entries, and the one lock of that subject.

    Everybody who writes about a subject locks this row first, so that numbers follow each
    other without gaps. It repeats what the entries say and can be told from them.
    """

    subject_type = _subject_type()
    subject_id = models.BigIntegerField(_("对象编号"))
    project_id = models.BigIntegerField(_("项目编号"))
    head_number = models.IntegerField(_("末条序号"), default=0)
    head_hash = models.BinaryField(_("末条哈希"), default=canonical.GENESIS)
    head_recorded_at = models.DateTimeField(_("末条记录时间"), null=True)

    class Meta:
        verbose_name = _("记录链")
        verbose_name_plural = _("记录链")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"], name="records_chain_subject"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"


class Entry(models.Model):
    """One thing that happened to a subject, as it was written down, for ever.

    `facts` holds structured facts in clear (never names, telephones or free words);
    `digests` commits to the erasable facts beside it. Staff are named by number alone.
    """

    # The unique key on the subject serves every question by chain as well.
    chain = models.ForeignKey(
        Chain, on_delete=models.PROTECT, db_index=False, related_name="entries"
    )
    subject_type = _subject_type()
    subject_id = models.BigIntegerField(_("对象编号"))
    project_id = models.BigIntegerField(_("项目编号"))
    number = models.IntegerField(_("序号"))
    kind = models.CharField(_("种类"), max_length=60)
    occurred_at = models.DateTimeField(_("发生时间"))
    recorded_at = models.DateTimeField(_("记录时间"))
    actor_id = models.BigIntegerField(_("经办人编号"), null=True)
    acting_for_id = models.BigIntegerField(_("代何人办理"), null=True)
    facts = models.JSONField(_("事实"), default=dict)
    digests = models.JSONField(_("摘要"), default=dict)
    previous_hash = models.BinaryField(_("上一条哈希"))
    hash = models.BinaryField(_("哈希"))
    transaction = TransactionField(_("事务号"), db_default=CurrentTransaction(), editable=False)

    said: dict[str, str | None]
    """Texts and personal facts by name, None once erased; where they were read as well."""

    class Meta:
        verbose_name = _("台账记录")
        verbose_name_plural = _("台账记录")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "number"], name="records_entry_number"
            ),
            models.CheckConstraint(
                condition=models.Q(occurred_at__lte=models.F("recorded_at")),
                name="records_entry_occurred_first",
            ),
        ]
        # Followers read on from where they stood, below the oldest open transaction.
        indexes = [models.Index(fields=["transaction", "id"], name="records_entry_follow")]
        triggers = [AppendOnly()]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}/{self.number} {self.kind}"

    def form(self) -> bytes:
        """The canonical bytes of the entry's present contents."""
        return canonical.entry_form(
            subject_type=self.subject_type,
            subject_id=self.subject_id,
            project_id=self.project_id,
            number=self.number,
            kind=self.kind,
            occurred_at=self.occurred_at,
            recorded_at=self.recorded_at,
            actor_id=self.actor_id,
            acting_for_id=self.acting_for_id,
            facts=self.facts,
            digests=self.digests,
            previous_hash=bytes(self.previous_hash),
        )

    def expected_hash(self) -> bytes:
        """The hash that the entry must bear, by its present contents."""
        return canonical.sha256(self.form())


class ErasableFact(models.Model):
    """A text or personal fact of an entry; the chain holds its salted digest only.

    Free text lies in clear because it must be searched, personal facts lie encrypted. Both
    can be erased on request and the chain still verifies [PIPL art. 47].
    """

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, db_index=False)
    name = models.CharField(_("名称"), max_length=60)
    salt = models.BinaryField(_("盐"))
    text = models.TextField(_("文字"), null=True)  # noqa: DJ001 (null: the fact is personal)
    ciphertext = models.TextField(_("密文"), null=True)  # noqa: DJ001 (null: the fact is text)

    class Meta:
        verbose_name = _("可删除的内容")
        verbose_name_plural = _("可删除的内容")
        constraints = [
            models.UniqueConstraint(fields=["entry", "name"], name="records_fact_name"),
            models.CheckConstraint(
                condition=models.Q(text__isnull=True) ^ models.Q(ciphertext__isnull=True),
                name="records_fact_text_or_ciphertext",
            ),
        ]
        triggers = [ErasableOnly(), SameFact()]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.name}"


class Request(models.Model):
    """A request answered before: the same key from the same person gets the same answer."""

    key = models.CharField(_("幂等键"), max_length=200)
    actor_id = models.BigIntegerField(_("经办人编号"), null=True)
    fingerprint = models.CharField(_("请求指纹"), max_length=64)
    result = models.JSONField(_("结果"))
    recorded_at = models.DateTimeField(_("记录时间"))

    class Meta:
        verbose_name = _("请求")
        verbose_name_plural = _("请求")
        constraints = [
            models.UniqueConstraint(
                fields=["key", "actor_id"], name="records_request_key", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.key


class Follower(models.Model):
    """How far somebody who follows the ledger has read: up to this entry of this transaction."""

    name = models.CharField(_("名称"), max_length=40, primary_key=True)
    transaction = TransactionField(_("事务号"))
    entry_id = models.BigIntegerField(_("记录编号"))
    moved_at = models.DateTimeField(_("读到此处的时间"))

    class Meta:
        verbose_name = _("台账跟随者")
        verbose_name_plural = _("台账跟随者")

    def __str__(self) -> str:
        return self.name


class Seal(models.Model):
    """A Merkle root over the heads that changed since the seal before it."""

    number = models.IntegerField(_("序号"), unique=True)
    sealed_at = models.DateTimeField(_("封存时间"))
    leaf_count = models.IntegerField(_("叶数"))
    root = models.BinaryField(_("默克尔根"))
    previous_hash = models.BinaryField(_("上一封存哈希"))
    hash = models.BinaryField(_("哈希"))

    class Meta:
        verbose_name = _("封存")
        verbose_name_plural = _("封存")
        triggers = [AppendOnly()]

    def __str__(self) -> str:
        return str(self.number)

    def form(self) -> bytes:
        """The canonical bytes of the seal's present contents."""
        return canonical.seal_form(
            number=self.number,
            sealed_at=self.sealed_at,
            previous_hash=bytes(self.previous_hash),
            root=bytes(self.root),
            leaf_count=self.leaf_count,
        )

    def expected_hash(self) -> bytes:
        """The hash that the seal must bear, by its present contents."""
        return canonical.sha256(self.form())


class SealLeaf(models.Model):
    """The newest entry of one subject when the seal was made.

    It points at no row, so that it stays when entries are removed behind its back.
    """

    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, db_index=False, related_name="leaves")
    position = models.IntegerField(_("位置"))
    subject_type = _subject_type()
    subject_id = models.BigIntegerField(_("对象编号"))
    number = models.IntegerField(_("序号"))
    hash = models.BinaryField(_("哈希"))

    class Meta:
        verbose_name = _("封存叶")
        verbose_name_plural = _("封存叶")
        constraints = [
            models.UniqueConstraint(fields=["seal", "position"], name="records_leaf_position"),
        ]
        indexes = [
            models.Index(
                fields=["subject_type", "subject_id", "number"], name="records_leaf_subject"
            )
        ]
        triggers = [AppendOnly()]

    def __str__(self) -> str:
        return f"{self.seal_id}/{self.position}"


class Attachment(models.Model):
    """A photo, video, sound or document of a subject; the file lies outside the web root, encrypted.

    `size` and `sha256` are of the content, which for images is the one without metadata.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_type = _subject_type()
    subject_id = models.BigIntegerField(_("对象编号"))
    project_id = models.BigIntegerField(_("项目编号"))
    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, null=True, related_name="attachments"
    )
    name = models.CharField(_("文件名"), max_length=200)
    content_type = models.CharField(_("类型"), max_length=100)
    size = models.BigIntegerField(_("字节数"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    extension = models.CharField(_("扩展名"), max_length=8)
    actor_id = models.BigIntegerField(_("经办人编号"), null=True)
    stored_at = models.DateTimeField(_("存入时间"))
    erased_at = models.DateTimeField(_("删除时间"), null=True)

    class Meta:
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="records_attachment_subject")
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def path(self) -> Path:
        """Where the file lies; it is there unless `erased_at` is set."""
        name = str(self.id)
        folder = Path(settings.SHOUWEN_HOME) / "var" / "attachments"
        return folder / name[:2] / f"{name}.{self.extension}"


class Access(models.Model):
    """Who signed in, saw or took away personal data, or changed a setting, and when [PIPL art. 51].

    Never what was seen: facts name kinds and counts. Staff and subjects are named by number.
    """

    at = models.DateTimeField(_("时间"))
    actor_id = models.BigIntegerField(_("操作人编号"), null=True)
    action = models.CharField(_("操作"), max_length=40)
    subject_type = models.CharField(_("对象类型"), max_length=40, blank=True)
    subject_id = models.BigIntegerField(_("对象编号"), null=True)
    project_id = models.BigIntegerField(_("项目编号"), null=True)
    facts = models.JSONField(_("内容"), default=dict)
    source = models.GenericIPAddressField(_("来源地址"), null=True)

    class Meta:
        verbose_name = _("访问记录")
        verbose_name_plural = _("访问记录")
        indexes = [
            models.Index(fields=["-at", "-id"], name="records_access_newest"),
            models.Index(fields=["actor_id", "-at"], name="records_access_actor"),
            models.Index(fields=["action", "-at"], name="records_access_action"),
            models.Index(fields=["project_id", "-at"], name="records_access_project"),
        ]
        triggers = [ExpiringOnly(), OldOnly()]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d %H:%M:%S}"


class Retention(models.Model):
    """How long a kind of data is kept, where the company has said so; None: for ever."""

    kind = models.CharField(_("种类"), max_length=40, unique=True)
    days = models.PositiveIntegerField(_("保存天数"), null=True)

    class Meta:
        verbose_name = _("保存期限")
        verbose_name_plural = _("保存期限")

    def __str__(self) -> str:
        return f"{self.kind} {self.days}"
