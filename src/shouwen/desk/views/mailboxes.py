"""Settings › Mailboxes: to which addresses customers of a project write, and how fetching goes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.channels.mail import fetching
from shouwen.channels.mail.kept import Mailbox
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.organization_forms import look
from shouwen.notices.sending.failures import reason
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit


class MailboxForm(forms.ModelForm):
    """A mailbox; the password is never shown, and stays when left empty."""

    password = forms.CharField(
        label=gettext_lazy("密码或授权码"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        required=False,
        max_length=500,
    )

    class Meta:
        model = Mailbox
        fields = (
            "project",
            "address",
            "host",
            "port",
            "security",
            "user",
            "password",
            "folder",
            "begins_on",
            "reply_from",
        )
        widgets = {
            "begins_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        }
        help_texts = {
            "address": gettext_lazy("客户写信用的地址，也是回信的收件地址"),
            "user": gettext_lazy("多数邮箱就是完整的邮箱地址"),
            "begins_on": gettext_lazy("之前收到的邮件不动"),
            "reply_from": gettext_lazy("不填则用“通知通道”里邮件服务器的发件地址"),
        }

    def __init__(self, person: Staff, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._password = self.instance.password
        if self.instance.pk:
            # What came into it stays the project's.
            del self.fields["project"]
            self.initial["password"] = ""
            self.fields["password"].help_text = _("不改就留空")
        else:
            active = Project.objects.filter(is_active=True).order_by("code")
            self.fields["project"].queryset = active.filter(  # type: ignore[attr-defined]
                pk__in=[each.pk for each in active if may(person, "edit_mailboxes", each)]
            )
            self.initial["begins_on"] = timezone.localdate()
            self.fields["password"].required = True
            self.fields["password"].help_text = _("QQ、163 等邮箱要用它们给的授权码")
        look(self)

    def clean_password(self) -> str:
        """What was typed, else what there is."""
        return self.cleaned_data["password"] or self._password


def _mailbox_for(person: Staff, pk: int) -> Mailbox:
    found = get_object_or_404(visible_to(person, Mailbox).select_related("project"), pk=pk)
    if not may(person, "edit_mailboxes", found.project):
        raise Http404
    return found


@require_safe
@staff_page("edit_mailboxes")
def mailboxes(request: StaffRequest) -> HttpResponse:
    """All of them, with how fetching went last."""
    found = visible_to(request.user, Mailbox).select_related("project")
    shown = [
        {"box": each, "failure": reason(each.last_error) if each.fails else None} for each in found
    ]
    context = {
        "here": "settings",
        "shown": shown,
        "saved": request.GET.get("saved", ""),
        "tried": request.GET.get("tried", ""),
    }
    return render(request, "desk/settings/mailboxes.html", context)


@require_http_methods(["GET", "POST"])
@staff_page("edit_mailboxes")
def new(request: StaffRequest) -> HttpResponse:
    """Add one."""
    return _form(request, Mailbox())


@require_http_methods(["GET", "POST"])
@staff_page("edit_mailboxes")
def one(request: StaffRequest, pk: int) -> HttpResponse:
    """Change one; what is read already stays read, unless the server or folder is another."""
    return _form(request, _mailbox_for(request.user, pk))


def _form(request: StaffRequest, box: Mailbox) -> HttpResponse:
    where = (box.host, box.user, box.folder)
    form = MailboxForm(request.user, request.POST or None, instance=box)
    if request.method == "POST" and form.is_valid():
        saved = form.save(commit=False)
        if where != (saved.host, saved.user, saved.folder):
            saved.uid_validity, saved.last_uid = None, 0
        # Looked at at once, and what failed before was another setting.
        saved.next_look_at, saved.failures = None, 0
        saved.last_failed_at, saved.last_error = None, ""
        saved.save()
        audit.note("mailbox_changed", actor_id=request.user.pk, project_id=saved.project_id)
        return redirect("/settings/mailboxes/?saved=1")
    context = {"here": "settings", "form": form, "box": box if box.pk else None}
    status = 422 if form.errors else 200
    return render(request, "desk/settings/mailbox.html", context, status=status)


@require_POST
@staff_page("edit_mailboxes")
def switch(request: StaffRequest, pk: int) -> HttpResponse:
    """Fetch from it again, or not for now."""
    box = _mailbox_for(request.user, pk)
    box.is_active, box.next_look_at = not box.is_active, None
    box.save(update_fields=["is_active", "next_look_at"])
    audit.note(
        "mailbox_changed",
        actor_id=request.user.pk,
        project_id=box.project_id,
        active=box.is_active,
    )
    return redirect("/settings/mailboxes/?saved=1")


@require_POST
@staff_page("edit_mailboxes")
def try_out(request: StaffRequest, pk: int) -> HttpResponse:
    """Sign in and open the folder, fetching nothing."""
    box = _mailbox_for(request.user, pk)
    fetching.test(box)
    return redirect(f"/settings/mailboxes/?tried={box.pk}")
