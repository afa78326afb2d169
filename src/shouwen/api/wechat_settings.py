"""The settings of official accounts in WeChat: adding one, new secrets, its mode, stopping it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from shouwen.api.rules import wechat_projects
from shouwen.channels.wechat import accounts
from shouwen.channels.wechat.models import WechatAccount
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.notices import links
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may, visible_to

_SECRET_HELP = _("取语音和图片用；加密保存，不再显示")


def _secret(help_text: Any) -> forms.CharField:
    return forms.CharField(
        label="AppSecret",
        required=False,
        max_length=64,
        help_text=help_text,
        widget=forms.PasswordInput({"class": "form-control", "autocomplete": "off"}),
    )


class AccountForm(forms.Form):
    """A new account."""

    project = forms.ModelChoiceField(
        Project.objects.none(),
        label=_("项目"),
        widget=forms.Select({"class": "form-select"}),
    )
    name = forms.CharField(
        label=_("公众号名称"), max_length=60, widget=forms.TextInput({"class": "form-control"})
    )
    app_id = forms.RegexField(
        r"^wx[0-9A-Za-z]{8,40}$",
        label="AppID",
        error_messages={"invalid": _("AppID 以 wx 开头，在公众平台的“基本配置”里")},
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
    )
    secret = _secret(_SECRET_HELP)
    mode = forms.ChoiceField(
        label=_("消息加解密方式"),
        choices=WechatAccount.Mode.choices,
        initial=WechatAccount.Mode.SAFE,
        widget=forms.Select({"class": "form-select"}),
    )

    def __init__(self, person: Staff, *said: Any) -> None:
        super().__init__(*said)
        projects = wechat_projects(person)
        field = self.fields["project"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = projects
        if len(projects) == 1:
            field.initial = projects[0]


class ChangeForm(forms.Form):
    """Another mode, another AppSecret."""

    mode = forms.ChoiceField(
        label=_("消息加解密方式"),
        choices=WechatAccount.Mode.choices,
        widget=forms.Select({"class": "form-select"}),
    )
    secret = _secret(_("不改就留空"))


def _page(
    request: StaffRequest,
    *,
    form: AccountForm | None = None,
    made: WechatAccount | None = None,
) -> HttpResponse:
    found = visible_to(request.user, WechatAccount).select_related("project")

    def url(account: WechatAccount) -> str:
        path = reverse("api:wechat", args=[account.address])
        return links.absolute(path) or request.build_absolute_uri(path)

    form = form or AccountForm(request.user)
    context = {
        "here": "settings",
        "form": form,
        "made": made,
        "made_url": url(made) if made else "",
        "rows": [
            {
                "account": each,
                "url": url(each),
                "problem": accounts.PROBLEMS.get(each.last_problem, ""),
                "form": ChangeForm({"mode": each.mode}, auto_id=f"id_{each.pk}_%s"),
            }
            for each in found
        ],
        "public": bool(links.absolute("/")),
        "saved": request.GET.get("saved") == "1",
    }
    return render(request, "api/wechat.html", context, status=422 if form.errors else 200)


def _account(request: StaffRequest, pk: int) -> WechatAccount:
    found = visible_to(request.user, WechatAccount).select_related("project").filter(pk=pk).first()
    if found is None or not may(request.user, "keep_wechat_accounts", found):
        raise Http404
    return found


def _back() -> HttpResponse:
    return redirect(reverse("api:wechat-accounts") + "?saved=1")


@require_http_methods(["GET", "POST"])
@staff_page("keep_wechat_accounts")
def page(request: StaffRequest) -> HttpResponse:
    """The accounts; adding one, whose secrets are shown this once."""
    if request.method == "GET":
        return _page(request)
    form = AccountForm(request.user, request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    return _page(request, made=accounts.add(**form.cleaned_data, by=request.user))


@require_POST
@staff_page("keep_wechat_accounts")
def change(request: StaffRequest, pk: int) -> HttpResponse:
    """Another mode, another AppSecret."""
    account = _account(request, pk)
    form = ChangeForm(request.POST)
    if form.is_valid():
        accounts.change(account, **form.cleaned_data, by=request.user)
    return _back()


@require_POST
@staff_page("keep_wechat_accounts")
def rotate(request: StaffRequest, pk: int) -> HttpResponse:
    """Another address, token and key, shown this once."""
    account = _account(request, pk)
    accounts.rotate(account, by=request.user)
    return _page(request, made=account)


@require_POST
@staff_page("keep_wechat_accounts")
def switch(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop it, or take it up again."""
    account = _account(request, pk)
    accounts.switch(account, active=request.POST.get("active") == "1", by=request.user)
    return _back()
