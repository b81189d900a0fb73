"""All rate limits in one table; ``limits`` counts them and ``docs/operations.md`` lists them.

A limit allows ``amount`` uses within any ``seconds``. With ``needs_redis`` it refuses when Redis is missing,
to protect SMS and secrets; others allow then.
"""

from dataclasses import dataclass

from django.conf import settings

MINUTE, QUARTER, HOUR, DAY = 60, 900, 3600, 24 * 3600


@dataclass(frozen=True)
class Limit:
    """A rate limit.

    With ``keeps_times=False`` only counts are stored, not the time of each use, for anonymous writing; the
    sliding window is then estimated.
    """

    name: str
    amount: int
    seconds: int
    counted_by: str
    protects: str
    needs_redis: bool = False
    keeps_times: bool = True


def _secret(name: str, amount: int, seconds: int, counted_by: str, protects: str) -> Limit:
    return Limit(name, amount, seconds, counted_by, protects, needs_redis=True)


# -- Codes by SMS. A network is an IPv4 address or the /64 of an IPv6 address.
CODE_NUMBER_MINUTE = _secret("code_number_minute", 1, MINUTE, "number", "SMS bill; the number's owner")
CODE_NUMBER_HOUR = _secret("code_number_hour", 8, HOUR, "number", "SMS bill; the number's owner")
CODE_NUMBER_DAY = _secret("code_number_day", 12, DAY, "number", "SMS bill; the number's owner")
# Half of the number's limit, so that an attacker who knows the number does not lock its owner out.
CODE_HERE_HOUR = _secret("code_here_hour", 4, HOUR, "number and network", "the number's owner elsewhere")
CODE_HERE_DAY = _secret("code_here_day", 6, DAY, "number and network", "the number's owner elsewhere")
CODE_DEVICE_MINUTE = _secret("code_device_minute", 1, MINUTE, "person and known device", "SMS bill")
CODE_DEVICE_HOUR = _secret("code_device_hour", 5, HOUR, "person and known device", "SMS bill")
CODE_DEVICE_DAY = _secret("code_device_day", 8, DAY, "person and known device", "SMS bill")
# A number counts once an hour for its network.
CODE_NUMBER_SEEN = _secret("code_number_seen", 1, HOUR, "number and network", "the two limits below")
CODE_KNOWN_NUMBERS = _secret(
    "code_known_numbers",
    settings.SIGN_IN_KNOWN_NUMBERS,
    HOUR,
    "network; different numbers on a roster or of residents",
    "SMS bill",
)
CODE_UNKNOWN_NUMBERS = _secret(
    "code_unknown_numbers",
    settings.SIGN_IN_UNKNOWN_NUMBERS,
    HOUR,
    "network; different unknown numbers",
    "SMS bill",
)
CODE_UNKNOWN_OF_ALL = _secret(
    "code_unknown_of_all",
    settings.SIGN_IN_UNKNOWN_NUMBERS_OF_ALL,
    HOUR,
    "all networks; different unknown numbers",
    "SMS bill",
)
# Refusals of unknown numbers would reveal which numbers are known.
CODE_REFUSED = _secret("code_refused", 20, HOUR, "network; refused unknown numbers", "who is on a roster")
GUESS_HERE = _secret("guess_here", 12, HOUR, "number and network; wrong codes", "sign-in codes")
GUESS_NUMBER = _secret("guess_number", 24, HOUR, "number; wrong codes", "sign-in codes")
GUESS_NETWORK = _secret("guess_network", 200, HOUR, "network; wrong codes", "sign-in codes")
GUESS_DEVICE = _secret("guess_device", 10, HOUR, "person and known device; wrong codes", "sign-in codes")

# -- Passwords and tokens.
PASSWORD_HERE = _secret("password_here", 5, QUARTER, "name and network; wrong passwords", "passwords")
# Higher, so that an attacker who knows a name does not lock its owner out.
PASSWORD_NAME = _secret("password_name", 50, HOUR, "name; wrong passwords", "passwords")
PASSWORD_NETWORK = _secret("password_network", 30, QUARTER, "network; wrong passwords", "passwords")
PASSWORD_DEVICE = _secret(
    "password_device", 10, QUARTER, "person and known device; wrong passwords", "passwords"
)
OWN_PASSWORD = _secret("own_password", 5, QUARTER, "person; wrong old passwords", "passwords")
# Guessed only by somebody who knows the password, which its owner has to change anyway.
FACTOR_PERSON = _secret("factor_person", 10, HOUR, "person; wrong second factors", "the second factor")
FACTOR_NETWORK = _secret("factor_network", 30, HOUR, "network; wrong second factors", "the second factor")
TOKEN_GUESS = _secret("token_guess", 30, MINUTE, "network; wrong tokens", "API tokens")

# -- WeChat.
WECHAT_BEGUN = _secret("wechat_begun", 600, HOUR, "network; sign-ins by WeChat begun", "WeChat's limits")
WECHAT_REFUSED = _secret("wechat_refused", 60, HOUR, "network; wrong codes and states of WeChat", "sign-ins")
WECHAT_FORGED = _secret("wechat_forged", 20, HOUR, "network; pushes with a wrong signature", "the tables")
ROBOT = Limit("robot", 20, MINUTE, "robot of a group chat", "the platform's own limit")

# -- Requests in general.
API_STRANGER = _secret("api_stranger", 30, MINUTE, "network; requests without a token", "the API")
API_TOKEN = Limit("api_token", 120, MINUTE, "person; requests with a token", "the API")
PAGE_WRITES = Limit(
    "page_writes", 120, MINUTE, "person; forms sent", "every page that writes", keeps_times=False
)

CSP_REPORT = Limit("csp_report", 60, MINUTE, "network; browsers' reports", "the log", keeps_times=False)

# -- One's own data.
OWN_COPY = _secret("own_copy", 3, DAY, "person; copies asked for", "the processors; a stolen session")

# -- Family and homes.
DELEGATION = _secret("delegation", 10, DAY, "resident", "SMS bill")
DELEGATION_TO = _secret("delegation_to", 3, DAY, "recipient's number", "SMS bill; the recipient")
INVITATION = _secret("invitation", 10, DAY, "resident; links made", "rights in strange hands")
INVITATION_TAKEN = _secret("invitation_taken", 10, DAY, "person; links taken", "the residents asked")
HANDOVER = _secret("handover", 5, HOUR, "person", "SMS bill")
HANDOVER_TO = _secret("handover_to", 10, DAY, "recipient", "SMS bill; the recipient")
RESIDENCY = Limit("residency", 10, DAY, "person; homes asked for", "the desk")

# -- Repairs.
REPORT = Limit("report", 30, HOUR, "person", "the desk")
EMERGENCY = Limit("emergency", 10, HOUR, "person; emergencies reported", "the desk's alarm")
EMERGENCY_STRANGER = Limit(
    "emergency_stranger", 3, HOUR, "person without a home in the estate", "the desk's alarm"
)
EMERGENCY_NETWORK = Limit(
    "emergency_network", 6, HOUR, "network of people without a home in the estate", "the desk's alarm"
)
REPAIR_WORDS = Limit("repair_words", 30, HOUR, "resident; words added to repairs", "its readers; disk")
UPLOAD = Limit("upload", 60, HOUR, "person; files with a report", "disk")
WORK_PICTURES = Limit("work_pictures", 120, HOUR, "worker; times pictures were sent", "disk")

# -- Care and renovation.
CARE_HOLD = Limit("care_hold", 60, HOUR, "person; times chosen or moved to", "other people's places")
CARE_WAIT = Limit("care_wait", 60, HOUR, "person; waiting lists joined", "SMS bill")
CARE_CODE = _secret("care_code", 5, QUARTER, "visit; wrong codes", "the codes at the door")
CARE_CODE_CARER = _secret("care_code_carer", 15, QUARTER, "carer; wrong codes", "the codes at the door")
APPOINTMENT = Limit(
    "appointment", 60, HOUR, "person; booked, moved to, or waited for", "other people's places"
)
QUESTION = Limit("question", 20, HOUR, "person", "the coordinator")

# -- Fees.
PAY = Limit("pay", 60, HOUR, "person; payments begun", "the provider")
PAY_BACK = Limit("pay_back", 10, HOUR, "person; payments taken back", "the provider")
ASK_PROVIDER = Limit("ask_provider", 3, 5, "payment", "the provider")
RECEIPT = Limit("receipt", 60, HOUR, "person; PDFs made", "the processors")
FORGED_NOTICE = _secret("forged_notice", 20, HOUR, "provider; calls with a wrong signature", "the tables")

# -- Feedback. For anonymous feedback the times of uses are not stored.
FEEDBACK = Limit("feedback", 30, HOUR, "person", "the desk")
FEEDBACK_NAMELESS = Limit(
    "feedback_nameless",
    60,
    HOUR,
    "estate and one sixteenth of all networks",
    "the desk",
    needs_redis=True,
    keeps_times=False,
)
FEEDBACK_PICTURES = Limit(
    "feedback_pictures", 60, HOUR, "estate and one sixteenth of all networks", "disk", keeps_times=False
)
FEEDBACK_WORDS = Limit(
    "feedback_words", 30, HOUR, "thread; what its writer adds", "the desk; disk", keeps_times=False
)
FEEDBACK_CODE = Limit(
    "feedback_code",
    10,
    600,
    "first four letters of a wrong code",
    "codes of threads",
    needs_redis=True,
    keeps_times=False,
)
FEEDBACK_CODES = Limit(
    "feedback_codes", 600, 600, "all wrong codes", "codes of threads", needs_redis=True, keeps_times=False
)

# -- Notices.
ROSTER_SMS = _secret("roster_sms", 6, DAY, "estate; notices sent by SMS to its roster", "SMS bill")

# -- Help. Calls are never refused; ``HelpCall`` limits how often people are notified again.
DRILL = Limit("drill", 10, HOUR, "manager", "SMS bill; people on duty")

# -- The audit record: nothing is refused, a repeated read is not recorded again.
FILE_READ = Limit("file_read", 1, HOUR, "person and file; reads recorded", "the audit record")

TABLE = tuple(value for value in list(globals().values()) if isinstance(value, Limit))
