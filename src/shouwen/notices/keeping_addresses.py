"""Adding, switching and removing addresses; keeping a person's own rules and the company's floor."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shouwen.notices import targets
from shouwen.notices.address import Address, CompanyFloor, OwnRules
from shouwen.notices.address_rules import administers
from shouwen.notices.preferences import Floor, Rules
from shouwen.notices.sending import web_push
from shouwen.organization.models import Department, Project, Staff
from shouwen.organization.permissions import may
from shouwen.records import audit

#: As many addresses of one owner: nobody needs more, and each is a message.
MOST = 20


def add(
    by: Staff,
    owner: Staff | Department | Project,
    kind: str,
    text: str,
    *,
    secret: str = "",
    name: str = "",
) -> Address:
    """Add an address as it was pasted. Raises ValidationError in words, and where it is not theirs."""
    address = Address(name=name.strip())
    if isinstance(owner, Staff):
        address.staff = owner
    elif isinstance(owner, Department):
        address.department = owner
    else:
        address.project = owner
    allowed = may(by, "edit_addresses", address)
    if not allowed:
        raise ValidationError(str(allowed.rule))
    found = targets.understand(
        kind,
        text,
        secret=secret,
        of_person=isinstance(owner, Staff),
        may_reach_inside=administers(by),
    )
    beside = Address.objects.filter(
        staff=address.staff, department=address.department, project=address.project
    )
    if len(beside) >= MOST:
        raise ValidationError(_("地址太多了，请先删除不用的"))
    if any(each.kind == found.kind and str(each.target) == found.kept for each in beside):
        raise ValidationError(_("这个地址已经有了"))
    address.kind, address.target, address.reaches_one = found.kind, found.kept, found.reaches_one
    with transaction.atomic():
        address.save()
        _noted("address_added", by, address)
    return address


def add_browser(by: Staff, said: str) -> Address:
    """Take in a browser's own subscription for pushes (JSON). Raises ValidationError in words."""
    kept = web_push.understood(said)
    if kept is None or targets.reaches_inside(urlsplit(web_push.endpoint_of(kept)).hostname or ""):
        raise ValidationError(_("浏览器给出的推送地址用不了"))
    have = Address.objects.filter(staff=by, kind=Address.Kind.WEB_PUSH)
    endpoint = web_push.endpoint_of(kept)
    for each in have:
        if web_push.endpoint_of(str(each.target)) == endpoint:
            return each
    if len(have) >= MOST:
        raise ValidationError(_("地址太多了，请先删除不用的"))
    with transaction.atomic():
        # A link in a push does not act by itself: who opens it is signed in there anyway.
        address = Address.objects.create(
            staff=by, kind=Address.Kind.WEB_PUSH, target=kept, reaches_one=False
        )
        _noted("address_added", by, address)
    return address


def switch(by: Staff, address: Address, *, on: bool) -> None:
    """Use an address, or not for now. In-app stays on."""
    if address.kind == Address.Kind.IN_APP:
        raise ValidationError(_("站内通知不能停用"))
    with transaction.atomic():
        address.is_active = on
        address.save(update_fields=["is_active"])
        _noted("address_changed", by, address)


def remove(by: Staff, address: Address) -> None:
    """Take an address away; one that the person's record says comes back by itself, so not that."""
    if address.by_record:
        raise ValidationError(_("来自员工资料的地址只能停用"))
    with transaction.atomic():
        _noted("address_removed", by, address)
        address.delete()


def keep_rules(person: Staff, rules: Rules) -> None:
    """Keep how somebody wants to be told."""
    OwnRules.objects.update_or_create(
        staff=person, defaults={"rules": rules.model_dump(mode="json")}
    )


def keep_floor(by: Staff, floor: Floor) -> None:
    """Keep what nobody can switch off."""
    with transaction.atomic():
        row = CompanyFloor.objects.select_for_update().first() or CompanyFloor()
        row.floor = floor.model_dump(mode="json")
        row.save()
        audit.note("notice_floor_changed", actor_id=by.pk)


def _noted(action: str, by: Staff, address: Address) -> None:
    audit.note(
        action,
        actor_id=by.pk,
        subject_type="address",
        subject_id=address.pk,
        project_id=address.project_id,
        kind=address.kind,
    )
