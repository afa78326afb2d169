"""A staff list from a sheet: accounts without a password, and their posts."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from shouwen.organization.customers import normalise
from shouwen.organization.models import Department, Post, Project, Staff
from shouwen.organization.permissions import may
from shouwen.organization.positions import IN_A_DEPARTMENT, Position
from shouwen.organization.sheets import Line, Outcome, Told, day, words_of


@dataclass
class _Account:
    staff: Staff
    posts: list[Post]
    changed: set[str] = field(default_factory=set)
    given: list[Post] = field(default_factory=list)


class StaffList:
    """Takes the rows of the sheet; a person with several posts has several rows."""

    def __init__(self, by: Staff) -> None:
        self.by = by
        self.projects = {each.code: each for each in Project.objects.all()}
        self.departments = {
            each.code: each for each in Department.objects.select_related("project")
        }
        found = Staff.objects.prefetch_related("posts__project", "posts__department")
        self.accounts: dict[str, _Account] = {}
        for staff in found:
            posts = list(staff.posts.all())
            staff.__dict__["_posts"] = posts
            self.accounts[staff.username] = _Account(staff, posts)

    def look(self, line: Line) -> Told:
        """What a row amounts to; a right one is kept to be written."""
        cells = line.cells
        reasons: list[str] = []
        post = self._post(line, reasons)
        username = cells.get("username", "")
        name = cells.get("name", "")
        if not username:
            reasons.append(_("请填用户名"))
        else:
            try:
                Staff._meta.get_field("username").run_validators(username)
            except ValidationError:
                reasons.append(_("用户名只能用文字、数字和 @ . + - _，不超过 80 个字"))
        if not name or len(name) > 80:
            reasons.append(_("请填称呼，不超过 80 个字"))
        email = cells.get("email", "")
        if email:
            try:
                validate_email(email)
            except ValidationError:
                reasons.append(_("邮箱写法不对"))
        telephone = cells.get("telephone", "")
        if telephone and not normalise(telephone):
            reasons.append(_("电话里没有数字"))
        account = self.accounts.get(username)
        if account and account.staff.pk:
            if not account.staff.is_active:
                reasons.append(_("这个账号已离职，请先在员工页恢复"))
            elif not may(self.by, "edit_staff", account.staff):
                reasons.append(_("这个账号不由您维护"))
        if reasons or post is None:
            return Told(Outcome.WRONG, reasons)
        if account is None:
            staff = Staff(username=Staff.normalize_username(username))
            account = self.accounts[username] = _Account(staff, [])
        elif not account.staff.pk and account.staff.name != name:
            return Told(Outcome.WRONG, [_("同一用户名在前面几行是另一个称呼")])
        new = not account.staff.pk and not account.given
        told = {"name": name, "telephone": telephone, "email": email}
        changed = {
            each for each, value in told.items() if value and getattr(account.staff, each) != value
        }
        for each in changed:
            setattr(account.staff, each, told[each])
        account.changed |= changed
        gains = not any(_same(each, post) for each in [*account.posts, *account.given])
        if gains:
            post.staff = account.staff
            account.given.append(post)
        if new:
            return Told(Outcome.NEW)
        return Told(Outcome.CHANGED if changed or gains else Outcome.SAME)

    def _post(self, line: Line, reasons: list[str]) -> Post | None:
        cells = line.cells
        position = words_of(Position).get(cells.get("position", "").casefold())
        if position is None:
            reasons.append(_("没有这个岗位，请从列表中选"))
        code, department_code = cells.get("project", ""), cells.get("department", "")
        project = self.projects.get(code.upper()) if code else None
        if code and project is None:
            reasons.append(_("没有这个项目代号"))
        department = self.departments.get(department_code) if department_code else None
        if department_code and department is None:
            reasons.append(_("没有这个部门代号"))
        elif position in IN_A_DEPARTMENT and department is None:
            reasons.append(_("这个岗位要填部门代号"))
        elif department and department.project:
            if project and project != department.project:
                reasons.append(_("这个部门属于别的项目"))
            project = department.project
        try:
            since = day(cells.get("since", ""))
        except ValueError:
            reasons.append(_("任职日期写法不对，请写成 2026-11-01 这样"))
            return None
        if reasons or position is None:
            return None
        post = Post(
            position=position,
            project=project,
            department=department if position in IN_A_DEPARTMENT else None,
            since=since,
        )
        allowed = may(self.by, "give_post", post)
        if not allowed:
            reasons.append(str(allowed.rule))
            return None
        return post

    def write(self) -> None:
        """Write what was right; inside the caller's transaction."""
        new = [each for each in self.accounts.values() if not each.staff.pk]
        for each in new:
            each.staff.password = make_password(None)
        Staff.objects.bulk_create((each.staff for each in new), batch_size=1_000)
        for each in self.accounts.values():
            if each.changed and each not in new:
                each.staff.save(update_fields=sorted(each.changed))
        posts = [post for each in self.accounts.values() for post in each.given]
        for post in posts:
            post.staff_id = post.staff.pk
        Post.objects.bulk_create(posts, batch_size=1_000)


def _same(one: Post, other: Post) -> bool:
    return (
        one.until is None
        and one.position == other.position
        and one.project_id == other.project_id
        and one.department_id == other.department_id
    )
