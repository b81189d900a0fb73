"""All settings, read from the environment, or from files that it names (``SECRET_KEY_FILE`` for ``SECRET_KEY``).

Safe by default: without ``DEMO=1`` every secret must be given and the demo's
conveniences (people offered on the sign-in page, codes shown on the screen)
cannot be switched on; ``community.core.checks`` refuses to start otherwise, and with a weak secret.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from community import content_policy, pay_addresses
from community.api_description import API_DESCRIPTION
from community.back_office import BACK_OFFICE
from community.core import logs
from community.environment import Environment

# Names are read by character: the dictionary of phrases would cost each process 40 MB.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

DEMO = env.bool("DEMO", default=False)
DEBUG = False
TESTING = "pytest" in sys.modules

# Public secrets for the demo and for tests, refused in production.
DEMO_SECRET = "demo-secret-never-use-this-one-outside-the-demo-0123456789"
DEMO_FIELD_KEYS = "demo:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
_demo_defaults = DEMO or TESTING


def _secret(name: str, demo_value: str) -> str:
    return env.str(name, default=demo_value) if _demo_defaults else env.str(name)


SECRET_KEY = _secret("SECRET_KEY", DEMO_SECRET)
# "name:base64 of 32 bytes", newest first, separated by commas: the first one encrypts, all decrypt.
FIELD_KEYS = _secret("FIELD_KEYS", DEMO_FIELD_KEYS)
# Cipher of new values, aes-gcm or sm4-gcm; values name theirs, so that all are read.
FIELD_CIPHER = env("FIELD_CIPHER", default="aes-gcm")
BLIND_INDEX_KEY = _secret("BLIND_INDEX_KEY", DEMO_SECRET)
# Hash of the blind index, sha256 or sm3. The former key and hash are looked up too until rotate_keys has passed.
BLIND_INDEX_HASH = env("BLIND_INDEX_HASH", default="sha256")
BLIND_INDEX_OLD_KEY = env("BLIND_INDEX_OLD_KEY", default="")
BLIND_INDEX_OLD_HASH = env("BLIND_INDEX_OLD_HASH", default="sha256")

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000")
HOTLINE = env.str("HOTLINE", default="0570-5550188" if _demo_defaults else "")
HTTPS = env.bool("HTTPS", default=not _demo_defaults)

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "community.admin_site.OfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "community.core",
    "community.estates",
    "community.wechat",
    "community.notifications",
    "accounts",
    "community.notices",
    "services.common",
    "services.scheduling",
    "services.fees",
    "services.feedback",
    "services.repairs",
    "services.care",
    "services.renovation",
    "services.help",
    "community.home",
    "community.desk",
    "community.demo",
]

# Services in the order of their addresses; one that is left out disappears from every page and keeps its
# rows.
SERVICES = env.list("SERVICES", default=["repairs", "fees", "care", "help", "renovation", "feedback"])

MIDDLEWARE = [
    "community.core.request_numbers.RequestNumberMiddleware",
    "community.core.metrics.MetricsMiddleware",
    "community.demo.guard.DemoStaysHomeMiddleware",
    "community.core.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "community.core.doors.DoorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "community.core.storage.RangeMiddleware",
    "community.core.caching.NotKeptMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "community.core.lines.LinesMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.audited.AuditMiddleware",
    "accounts.middleware.FoundOnceMiddleware",
    "accounts.middleware.StaffByFactorsMiddleware",
    "accounts.middleware.StaySignedInMiddleware",
    "accounts.interrupted_forms.InterruptedFormMiddleware",
    "accounts.handed_forms.HandedFormMiddleware",
    "accounts.idle.IdleLockMiddleware",
    "community.core.modes.ModeMiddleware",
    "community.desk.presence.PresenceMiddleware",
    "community.desk.errors.NotAllowedMiddleware",
    "community.core.errors.RefusalMiddleware",
    "community.core.page_limits.PageWritesMiddleware",
]

# Where backups go, and the public keys of age for which they are encrypted.
BACKUP_DIR = Path(env.str("BACKUP_DIR", default=str(DATA_DIR / "backups")))
BACKUP_RECIPIENTS = env.list("BACKUP_RECIPIENTS", default=[])

# Numbers for Prometheus, for whoever brings the token; without one nothing is counted.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_DIR = Path(env.str("METRICS_DIR", default=str(DATA_DIR / "metrics")))

# Marks where lines of a page may break. Tests read pages as they were written, and browsers as they are sent.
BREAK_LINES = not TESTING

ROOT_URLCONF = "community.urls"
ASGI_APPLICATION = "community.asgi.application"
WSGI_APPLICATION = "community.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["community.core.templatetags.dates", "community.core.quick_tags"],
            "libraries": {"i18n": "community.core.quick_tags", "static": "community.core.quick_tags"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "community.core.modes.mode",
                "community.home.context.place",
                "community.desk.context.staff",
                "services.common.context.alarm_bar",
            ],
        },
    },
]

# Our tags stand in place of two of Django's libraries, on purpose.
SILENCED_SYSTEM_CHECKS = ["templates.W003"]

# -- Database: SQLite for trying out and for small estates, PostgreSQL for the rest.
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'linli.sqlite3'}")}
# Ours tell open pages what a transaction changes (community/core/changes.py).
DATABASES["default"]["ENGINE"] = (
    "community.core.database." + DATABASES["default"]["ENGINE"].rpartition(".")[2]
)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # Without IMMEDIATE, transactions that read before they write fail at once with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # The last pragma makes REPLACE fire the DELETE triggers of the audit record and the ledger.
        "init_command": ("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;"),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- The Redis protocol server: broker, channel layer, cache and limits.
REDIS_URL = env.str("REDIS_URL", default=f"unix://{DATA_DIR / 'valkey.sock'}?db=0")
# Short time-outs, so that a hanging cache or limit does not block pages.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
        "KEY_PREFIX": env.str("REDIS_PREFIX", default="linli"),
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # redis-py 8 drops an idle socket after 5 s unless it is told not to.
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_timeout": None}],
            "prefix": env.str("REDIS_PREFIX", default="linli"),
        },
    }
}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": env.str("REDIS_PREFIX", default="linli") + ":",
    "socket_connect_timeout": 1,
    "visibility_timeout": 600,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "normal"
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# -- People and signing in.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "accounts.backends.RoleBackend",
]
_validators = {
    "MinimumLength": {"min_length": 10},
    "CommonPassword": {},
    "NumericPassword": {},
    "UserAttributeSimilarity": {},
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator", "OPTIONS": options}
    for name, options in _validators.items()
]
AUTH_PASSWORD_VALIDATORS.append({"NAME": "accounts.passwords.ProductWordsValidator"})
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{'MD5' if TESTING else 'PBKDF2'}PasswordHasher"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.PhoneAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"phone"}
ACCOUNT_SIGNUP_FIELDS = ["phone*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
# Digits only, which phones fill in and people type easily; the default has letters and a dash.
ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT = {"numeric": True, "dashed": False, "length": 6}
MFA_ADAPTER = "accounts.second_factor.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # half a minute, for clocks of phones
# Counted by core.limit_table instead: by /64, and refused without Redis. allauth counts whole IPv6 addresses,
# and none of its pages is open.
ACCOUNT_RATE_LIMITS = False
# Different numbers an hour to which codes are sent: for one network, known ones (the first day of an estate
# behind one Wi-Fi) and unknown ones; and unknown ones for all networks.
SIGN_IN_KNOWN_NUMBERS = env.int("SIGN_IN_KNOWN_NUMBERS", default=1000)
SIGN_IN_UNKNOWN_NUMBERS = env.int("SIGN_IN_UNKNOWN_NUMBERS", default=200)
SIGN_IN_UNKNOWN_NUMBERS_OF_ALL = env.int("SIGN_IN_UNKNOWN_NUMBERS_OF_ALL", default=2000)
CSRF_FAILURE_VIEW = "accounts.interrupted_forms.csrf_failure"
SESSION_COOKIE_AGE = 90 * 24 * 3600
SESSION_ENGINE = "community.core.sessions"
STAFF_SESSION_AGE = 12 * 3600
STAFF_IDLE_SECONDS = env.int("STAFF_IDLE_SECONDS", default=30 * 60)  # then the session locks

# -- Security.
SECURE_SSL_REDIRECT = HTTPS
# Asked on the machine itself, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics/$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
# With the prefix no other host of the domain, and no page without TLS, can set them.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (
    ("__Host-" if HTTPS else "") + name for name in ("sessionid", "csrftoken")
)
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = content_policy.content_policy(PUBLIC_URL)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["community.core.virus_scan.ScannedUploads"]
# clamd:/path/of/socket, clamd://host:port, or a class; what happens to uploads while it is away: refuse | accept.
VIRUS_SCAN = env.str("VIRUS_SCAN", default="")
VIRUS_SCAN_UNREACHABLE = env.str("VIRUS_SCAN_UNREACHABLE", default="refuse")
DATA_UPLOAD_MAX_NUMBER_FILES = 12
# Pictures and spreadsheets read at the same time on this server, each in a process of up to 700 MB.
LIMITED_AT_ONCE = env.int("LIMITED_AT_ONCE", default=2)

# Addresses of people's files end within the hour. Tests name the addresses themselves, but for those about this.
PRIVATE_ADDRESSES_END = not TESTING

# -- The back office.
UNFOLD = BACK_OFFICE

# -- Languages and time zone.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "community" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# -- Files.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
# Each test client is a server of its own, and none lists all files before it starts.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = TESTING
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {
        "BACKEND": "community.core.sealed_storage.SealedStorage",
        "OPTIONS": {"location": str(env.str("MEDIA_DIR", default=str(DATA_DIR / "media"))), "base_url": None},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "community.core.storage.HashedStaticStorage"
    },
}

# -- What is sent.
SMS_BACKEND = env.str("SMS_BACKEND", default="console")  # console | aliyun
ALIYUN_SMS_ACCESS_KEY_ID = env.str("ALIYUN_SMS_ACCESS_KEY_ID", default="")
ALIYUN_SMS_ACCESS_KEY_SECRET = env.str("ALIYUN_SMS_ACCESS_KEY_SECRET", default="")
ALIYUN_SMS_ENDPOINT = env.str("ALIYUN_SMS_ENDPOINT", default="dysmsapi.aliyuncs.com")
ALIYUN_SMS_SIGN_NAME = env.str("ALIYUN_SMS_SIGN_NAME", default="")
ALIYUN_SMS_TEMPLATES = env.json("ALIYUN_SMS_TEMPLATES", default={})
# Seconds after which a sender of an SMS counts as dead.
OUTBOX_LEASE_SECONDS = env.int("OUTBOX_LEASE_SECONDS", default=60)
SMS_CODE_ON_SCREEN = DEMO and env.bool("SMS_CODE_ON_SCREEN", default=True)

# -- The audit record: the hash of its seals, and where their digests go: files, syslog://host:port, syslog:/path.
AUDIT_HASH = env.str("AUDIT_HASH", default="sha256")  # sha256 | sm3
AUDIT_HEADS = env.list("AUDIT_HEADS", default=[])

# -- Calls outward: hosts that may be inside a network, and be asked without TLS (community/core/outward.py).
_ours = ["127.0.0.1", "localhost", "::1", urlsplit(PUBLIC_URL).hostname] if _demo_defaults else []
OUTWARD_INNER_HOSTS = env.list("OUTWARD_INNER_HOSTS", default=_ours)

# -- Paying: the providers that are switched on, the first one as the default; none is the counter only.
FEES_PROVIDERS = env.list("FEES_PROVIDERS", default=["sandbox"] if _demo_defaults else [])
FEES_SANDBOX_SECRET = env.str("FEES_SANDBOX_SECRET", default=DEMO_SECRET)
# Address of the demo's own payment server, which speaks the protocols of both: no money moves.
PRACTICE_PAY_URL = env.str("PRACTICE_PAY_URL", default="") if DEMO else ""
WECHATPAY_URL = env.str("WECHATPAY_URL", default=PRACTICE_PAY_URL or pay_addresses.WECHATPAY)
ALIPAY_URL = env.str("ALIPAY_URL", default=pay_addresses.alipay_gateway(PRACTICE_PAY_URL))
WECHAT_OPEN_URL = env.str("WECHAT_OPEN_URL", default=PRACTICE_PAY_URL or pay_addresses.WECHAT_OPEN)
WECHAT_API_URL = env.str("WECHAT_API_URL", default=PRACTICE_PAY_URL or pay_addresses.WECHAT_API)
WECOM_URL, DINGTALK_URL = pay_addresses.robots(env.str, PRACTICE_PAY_URL)
pay_addresses.allow_forms(CONTENT_SECURITY_POLICY, FEES_PROVIDERS, PRACTICE_PAY_URL)

# -- Reading aloud: a sherpa-onnx voice folder, espeak-ng where installed, or none.
SPEECH_VOICE_DIR = env.str("SPEECH_VOICE_DIR", default="")

# -- API.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "community.core.api.NewestFirst",
    "PAGE_SIZE": 20,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "community.core.api_bodies.JsonParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_THROTTLE_CLASSES": [
        "community.core.throttles.StrangerThrottle",
        "community.core.throttles.TokenThrottle",
    ],
    "EXCEPTION_HANDLER": "community.core.api.problem_handler",
    "DEFAULT_VERSIONING_CLASS": None,
}
SPECTACULAR_SETTINGS = API_DESCRIPTION

LOGGING = logs.configuration(
    level=env.str("LOG_LEVEL", default="WARNING"), form=env.str("LOG_FORMAT", default="line")
)
