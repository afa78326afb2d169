"""Django settings. A setting is a decision we avoided: what an operator may choose is in
docs/deployment.md, and is read from the environment here and nowhere else."""

import os
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from shouwen.config.database import connection_settings, web_role
from shouwen.config.providers import configured
from shouwen.operations.home import Home, default_home, is_demo
from shouwen.operations.web import tls_files

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Home(default_home())

# -- chosen by the operator

SHOUWEN_HOME = HOME.path
SHOUWEN_DEMO = is_demo()
# Where customers and staff reach this installation, e.g. https://complaints.example.cn
SHOUWEN_PUBLIC_ADDRESS = os.environ.get("SHOUWEN_PUBLIC_ADDRESS", "")
# By a certificate of our own or by a proxy's in front.
ENCRYPTED = SHOUWEN_PUBLIC_ADDRESS.startswith("https:") or tls_files(HOME.var) is not None
# The proxies in front, whose word on address and encryption is believed: addresses or networks.
SHOUWEN_PROXIES = os.environ.get("SHOUWEN_PROXIES", "127.0.0.1,::1").split(",")
# The mail server that notices leave by, e.g. smtp://USER:PASSWORD@mail.example.cn:587?from=…
SHOUWEN_SMTP_URL = os.environ.get("SHOUWEN_SMTP_URL", "")
DATABASES = {"default": connection_settings(os.environ, HOME)}
SHOUWEN_WEB_ROLE = web_role(os.environ)
# Networks of one's own that webhooks may be sent to, e.g. 10.20.0.0/16; none: public addresses only.
SHOUWEN_WEBHOOK_NETWORKS = os.environ.get("SHOUWEN_WEBHOOK_NETWORKS", "").replace(",", " ").split()
DEBUG = False
ALLOWED_HOSTS = ["*"]
if SHOUWEN_PUBLIC_ADDRESS:
    _host = SHOUWEN_PUBLIC_ADDRESS.split("//")[-1].split("/")[0].rsplit(":", 1)[0]
    ALLOWED_HOSTS = [_host, "localhost", "127.0.0.1"]
    CSRF_TRUSTED_ORIGINS = [SHOUWEN_PUBLIC_ADDRESS.rstrip("/")]

# -- keys, made at the first start

# 32 random bytes; Django's check counts characters, of which they have 44.
SECRET_KEY = f"shouwen-{HOME.secret('secret')}"
# Newest first: the first encrypts, all decrypt.
HOME.secret("fields")  # made now; read by records/keyring.py, which notices when it changes
SHOUWEN_FIELD_KEY_FILE = HOME.var / "keys" / "fields"
SHOUWEN_FIELD_KEYS: list[str] | None = None
SHOUWEN_INDEX_KEY = HOME.secret("index")

# -- what the system is made of

INSTALLED_APPS = [
    "shouwen.operations",
    "shouwen.records",
    "shouwen.organization",
    "shouwen.clocks",
    "shouwen.complaints",
    "shouwen.notices",
    "shouwen.channels",
    "shouwen.demo",
    "shouwen.desk",
    "shouwen.portal",
    "shouwen.api",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.dingtalk",
    "allauth.socialaccount.providers.feishu",
    "allauth.socialaccount.providers.openid_connect",
    "shouwen.config.wecom",
    "django_htmx",
    "ninja",
    "pgtrigger",
    "procrastinate.contrib.django",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "shouwen.config.proxies.Proxies",
    "django.middleware.security.SecurityMiddleware",
    "shouwen.config.content_security.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "shouwen.config.language.ChosenLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "shouwen.config.urls"
WSGI_APPLICATION = "shouwen.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# -- people

AUTH_USER_MODEL = "organization.Staff"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "shouwen.config.accounts.StaffAccounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = False
# Whoever was told the old password is out at once, everywhere.
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
# Counted in the cache, which all processes share; the second bound locks one user name.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "20/m/ip,5/300s/key"}
ACCOUNT_EMAIL_NOTIFICATIONS = False

# A second factor: passkeys need a name and https, the one-time code works everywhere.
MFA_ADAPTER = "shouwen.config.accounts.SecondFactors"
MFA_FORMS = {"authenticate": "shouwen.config.accounts.OneTimeCode"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Shouwen"
MFA_TOTP_TOLERANCE = 1
# On http://localhost, where browsers offer passkeys, the origin has no https to be checked.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENCRYPTED

# Sign-in by the company's own accounts, where var/keys/sign-in.toml names them.
SOCIALACCOUNT_ADAPTER = "shouwen.config.accounts.CompanyAccounts"
SOCIALACCOUNT_PROVIDERS = configured(HOME.var / "keys" / "sign-in.toml")
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
# By a link: a form whose answer leads elsewhere is what the content policy refuses.
SOCIALACCOUNT_LOGIN_ON_GET = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# Two installations on one machine differ by port only, which cookies do not see.
SESSION_COOKIE_NAME = f"shouwen_{os.environ.get('PORT', '8000')}_session"
CSRF_COOKIE_NAME = f"shouwen_{os.environ.get('PORT', '8000')}_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENCRYPTED
# Believed of the proxies that are named alone; `Proxies` takes it away from everybody else.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENCRYPTED else None
SECURE_REFERRER_POLICY = "same-origin"
if ENCRYPTED:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_SSL_REDIRECT = True
# Whether subdomains too, and browsers' own lists, is for whoever owns the domain.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
X_FRAME_OPTIONS = "DENY"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shouwen_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# -- language and time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("zh-hant", _("繁體中文")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "shouwen_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# -- files

STATIC_URL = "static/"
STATIC_ROOT = HOME.var / "static"
STATICFILES_DIRS = [PACKAGE / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME.var / "attachments"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
SHOUWEN_ATTACHMENT_LIMIT = 50 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

# -- log: what went wrong and on which path, never what somebody typed

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"secrets": {"()": "shouwen.config.secret_addresses.WithoutTokens"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["secrets"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Django's own handlers (mail to administrators, coloured console) are not wanted.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # Each attempt to reach a database that is down; who needed it says so itself.
        "psycopg.pool": {"level": "ERROR"},
    },
}
