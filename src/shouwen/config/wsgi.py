"""What the web server calls."""

import os

from django.core.wsgi import get_wsgi_application

# The web comes to the database by a role of its own (config.database).
os.environ["SHOUWEN_PROCESS"] = "web"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shouwen.config.settings")
# Threads outnumber the connections they need at a time, so a web process shares a pool.
os.environ.setdefault("SHOUWEN_POOL", "10")

application = get_wsgi_application()
