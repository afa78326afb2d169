"""The command line: ``shouwen COMMAND``.

It readies the home and the database, then hands over to Django. Django itself is imported only in
the process that needs it, so that a refusal comes at once.
"""

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from shouwen.operations import privileges
from shouwen.operations.database_access import database_for_command
from shouwen.operations.home import Home, default_home
from shouwen.operations.postgres import disk_full
from shouwen.operations.service_user import service_account
from shouwen.operations.supervisor import Supervisor
from shouwen.operations.web import serve
from shouwen.operations.wording import CannotGoOn, _, terminal_language

# Commands of the rooms: ours → the Django management command's name.
MANAGEMENT = {
    "migrate": "bring_up",
    "administrator": "administrator",
    "check": "check",
    "worker": "worker",
    "steps": "steps",
    "permissions": "permissions",
    "roster": "roster",
    "waves": "waves",
    "import": "import_file",
    "ledger": "ledger",
    "keys": "keys",
    "personal": "personal",
    "clocks": "clocks",
    "notices": "notices",
    "mailbox": "mailbox",
    "demo": "demo",
    "api-key": "api_key",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and answer its exit status: 1 for what the machine's keeper must change."""
    name, *rest = (sys.argv[1:] if arguments is None else arguments) or ["help"]
    try:
        return _dispatch(name, rest)
    except CannotGoOn as reason:
        print(reason, file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(disk_full(Path(error.filename or default_home())), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def command_list() -> str:
    """All commands, one a line."""
    return _(
        """\
shouwen run                          启动数据库、网页与后台服务，Ctrl-C 停止
shouwen administrator                建立第一位系统管理员，打印邀请链接
shouwen check [--deploy]             检查设置；--deploy 按正式环境检查
shouwen steps [--json]               列出全部步骤
shouwen permissions [--json]         列出谁可以做什么，由哪条规则决定
shouwen roster who|gaps              谁在岗、为什么；哪些时间无人值班
shouwen waves [--json]               可能同一原因的投诉
shouwen import FILE --mapping FILE   导入历史投诉（CSV、XLSX）
shouwen ledger verify|seal|seals     核验台账、封存、导出封存
shouwen keys status|rotate|retire    加密密钥：状态、轮换、停用旧密钥
shouwen personal export|erase        一位客户的资料：导出、删除
shouwen clocks explain NUMBER        说明一件投诉的各个时限
shouwen clocks rebuild               由台账重算全部时限并报告差异
shouwen api-key create|list|revoke   接口密钥
shouwen notices plan                 如果没人应答，会依次通知谁、用什么方式
shouwen notices rehearse             演练今晚的升级通知，--report 看结果
shouwen notices test                 试发一条通知
shouwen mailbox list|test            收件邮箱：列出、试连
shouwen demo                         演示公司
shouwen migrate | web | worker       分别运行各个部分（多机部署）
shouwen manage …                     Django 管理命令
"""
    )


def _dispatch(name: str, rest: list[str]) -> int:
    if name in ("help", "-h", "--help"):
        print(command_list(), end="")
        return 0
    if name not in ("run", "web", "manage", *MANAGEMENT):
        raise CannotGoOn(_("没有“{name}”这个命令；shouwen help 列出全部命令").format(name=name))
    home = _ready_home(name)
    if name == "run":
        return Supervisor(home).run()
    if name == "web":
        serve()
    with database_for_command(home):
        return _manage(rest if name == "manage" else [MANAGEMENT[name], *rest])


def _ready_home(command: str) -> Home:
    """The home, its folders made; as root we go on from here as the system user."""
    home = Home(default_home())
    account = service_account()
    home.prepare(account)
    os.environ["SHOUWEN_HOME"] = str(home.path)
    if account.switch:
        # A command typed by root reads and writes files where root says; a server does not.
        serves = command in ("run", "web", "worker")
        privileges.go_on_as(account, sys.argv[1:], keep_file_rights=not serves)
    return home


def _manage(arguments: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwen.config.settings")
    import django
    from django.core.management import execute_from_command_line
    from django.utils import translation

    django.setup()
    translation.activate(terminal_language())
    try:
        execute_from_command_line(["shouwen", *arguments])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
