"""Every setting, read from the environment once; a bad value stops the start."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlparse

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGE = Path(__file__).resolve().parent


class Environment(BaseSettings):
    """What an installation may choose; all of it has a default for one laptop."""

    model_config = SettingsConfigDict(env_prefix="RELANCE_", extra="ignore")

    data: Path = Path("data")
    debug: bool = False
    hosts: list[str] = ["127.0.0.1", "localhost", "[::1]"]
    origins: list[str] = []
    https: bool = False
    # How many of one's own servers stand between the browser and this program:
    # attempts are counted by the address that the first of them saw. HTTPS is spoken
    # by one of them at least, never by this program.
    proxies: int = Field(default_factory=lambda known: int(known["https"]), ge=0)
    secret_key: str = ""
    # The platform's own name, as every hosting service sets it.
    database_url: str = Field(default="", validation_alias="DATABASE_URL")


def stored_secret(folder: Path) -> str:
    """Return the installation's key, made at the first start and kept readable by
    its owner alone: sessions and encrypted passwords depend on it."""
    path = folder / "secret.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"secret.key.{os.getpid()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        # A link never replaces: of two first starts at once, one key wins.
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def database(url: str, folder: Path) -> dict[str, object]:
    """Return Django's settings for the embedded SQLite, or for ``postgresql://…``."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / "relance.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: a committed "sending" survives a power cut, or an e-mail
                # could leave twice.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    parts = urlparse(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL: {parts.scheme!r} is not postgresql")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
    }


environment = Environment()
DATA = environment.data.resolve()
DATA.mkdir(parents=True, exist_ok=True)

DEBUG = environment.debug
SECRET_KEY = environment.secret_key or stored_secret(DATA)
ALLOWED_HOSTS = environment.hosts
CSRF_TRUSTED_ORIGINS = environment.origins

INSTALLED_APPS = [
    "relance.apps.RelanceConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "lucide",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "huey.contrib.djhuey",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "relance.web.language.chosen_language",
    "relance.web.local_time.company_time",
    "relance.web.dead_ends.explain_dead_ends",
    "relance.web.dead_ends.refuse_null_characters",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "relance.web.sessions.followed_session",
]

ROOT_URLCONF = "relance.urls"
WSGI_APPLICATION = "relance.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "relance.web.shell.shell",
            ],
            "builtins": ["relance.web.templatetags"],
        },
    }
]

DATABASES = {"default": database(environment.database_url, DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits live in the cache: it must be one for all processes and machines.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "relance_cache",
    }
}

AUTH_USER_MODEL = "relance.User"
AUTHENTICATION_BACKENDS = ["relance.web.backend.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_VALIDATORS}.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {
        "NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "relance.web.accounts.ClosedDoor"
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = environment.proxies
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "relance.web.second_factor.Sealed"
MFA_FORMS = {
    "add_webauthn": "relance.web.key_forms.AddKeyForm",
    "edit_webauthn": "relance.web.key_forms.RenameKeyForm",
    "authenticate_webauthn": "relance.web.key_forms.UseKeyForm",
    "reauthenticate_webauthn": "relance.web.key_forms.UseKeyAgainForm",
}
# A telephone's clock may be half a minute away.
MFA_TOTP_TOLERANCE = 1

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
# Until the company has chosen its own.
TIME_ZONE = "Europe/Paris"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "static"]
STATIC_ROOT = DATA / "static"
# WhiteNoise warns of a folder that is not there.
STATIC_ROOT.mkdir(exist_ok=True)
# The package serves its own files: nothing to collect on one laptop.
WHITENOISE_USE_FINDERS = True

SECURE_CSP = {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "frame-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'self'"],
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Four hours without a click: lunch does not log anybody out, the evening does.
SESSION_COOKIE_AGE = 4 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.https
SECURE_SSL_REDIRECT = environment.https
# What the server in front says of how it was asked.
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if environment.proxies else None
)
PROXIES = environment.proxies
SECURE_HSTS_SECONDS = 31_536_000 if environment.https else 0

# The largest upload that a person may make by hand: a ZIP of e-invoices.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

# A lost task is harmless (the rows say what is still to do), so the queue lives
# in a file of its own on one laptop, in the same PostgreSQL with several machines.
HUEY = {
    "name": "relance",
    # Under DEBUG huey would otherwise run tasks inside the request.
    "immediate": False,
    "consumer": {"workers": 2, "worker_type": "thread", "max_delay": 0.5},
} | (
    {"huey_class": "huey.PostgresHuey", "dsn": environment.database_url}
    if environment.database_url
    else {"huey_class": "huey.SqliteHuey", "filename": str(DATA / "queue.sqlite3")}
)
TASKS = {"default": {"BACKEND": "huey.contrib.djhuey.tasks_backend.HueyBackend"}}
