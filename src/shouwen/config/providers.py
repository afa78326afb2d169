"""Which accounts outside Shouwen staff may sign in by: read from one file that holds their secrets.

`var/keys/sign-in.toml`, kept 0600; its form is explained in docs/deployment.md. Without it staff sign
in by user name and password (and a second factor) alone.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from shouwen.operations.wording import CannotGoOn, _

#: What each kind of account is told, and must be told.
_NEEDED = {
    "dingtalk": ("client_id", "secret"),
    "feishu": ("client_id", "secret"),
    "wecom": ("corp_id", "agent_id", "secret"),
    "oidc": ("name", "server_url", "client_id", "secret"),
}


def configured(file: Path) -> dict[str, dict[str, Any]]:
    """The providers as django-allauth takes them; none where there is no file.

    Raises CannotGoOn, naming what is wrong in the file, so that a start says so at once.
    """
    if not file.is_file():
        return {}
    if file.stat().st_mode & 0o077:
        raise CannotGoOn(_("{file} 里有密钥，其他用户不应能读：chmod 600 {file}").format(file=file))
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise CannotGoOn(_("{file} 不是有效的 TOML 文件").format(file=file)) from None
    found: dict[str, dict[str, Any]] = {}
    for kind, of_kind in told.items():
        if kind not in _NEEDED:
            raise CannotGoOn(
                _("{file}：不认识 [{kind}]，可用：{known}").format(
                    file=file, kind=kind, known=", ".join(_NEEDED)
                )
            )
        for one in of_kind if isinstance(of_kind, list) else [of_kind]:
            lacking = [name for name in _NEEDED[kind] if not one.get(name)]
            if lacking:
                raise CannotGoOn(
                    _("{file}：[{kind}] 缺少 {names}").format(
                        file=file, kind=kind, names=", ".join(lacking)
                    )
                )
            provider = "openid_connect" if kind == "oidc" else kind
            found.setdefault(provider, {"APPS": []})["APPS"].append(_app(kind, one))
    return found


def _app(kind: str, one: dict[str, Any]) -> dict[str, Any]:
    if kind == "wecom":
        return {
            "client_id": str(one["corp_id"]),
            "secret": str(one["secret"]),
            "settings": {"agent_id": str(one["agent_id"]), **_addresses(one)},
        }
    app = {"client_id": str(one["client_id"]), "secret": str(one["secret"])}
    if kind == "oidc":
        app |= {"provider_id": str(one.get("id", "oidc")), "name": str(one["name"])}
        app["settings"] = {  # type: ignore[assignment]
            "server_url": str(one["server_url"]),
            "match_username": bool(one.get("match_username", False)),
        }
    return app


def _addresses(one: dict[str, Any]) -> dict[str, str]:
    """A gateway of the company's own in place of the vendor's addresses."""
    return {name: str(one[name]) for name in ("authorize_address", "api_address") if one.get(name)}
