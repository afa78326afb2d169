"""``manage bring_up``: the database, static files and demo brought to this version's state."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

import shouwen
from shouwen.records import isolation

# Any number, the same on every machine: one start migrates, the others wait for it.
MIGRATING = 7_306_015


class Command(BaseCommand):
    help = _("迁移数据库、收集静态文件、建立演示公司；已是最新时什么也不做")
    requires_system_checks = []
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
            try:
                self._migrate()
                self._collect_static_files()
                if settings.SHOUWEN_DEMO:
                    call_command("demo", "--ensure", stdout=self.stdout)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])

    def _migrate(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        isolation.enforce()

    def _collect_static_files(self) -> None:
        """Copy and hash the static files, when the installed package has changed."""
        stamp = Path(settings.STATIC_ROOT) / "stamp"
        package = Path(shouwen.__file__).parent
        total = hashlib.sha256()
        for path in sorted(package.glob("**/static/**/*")):
            if path.is_file():
                facts = path.stat()
                total.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
        if not stamp.exists() or stamp.read_text() != total.hexdigest():
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            stamp.write_text(total.hexdigest())
