"""SMS gateway of Aliyun, by its official SDK (Dysmsapi 2017-05-25)."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from alibabacloud_dysmsapi20170525.client import Client
from alibabacloud_dysmsapi20170525.models import QuerySendDetailsRequest, SendSmsRequest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.core import DaraCore
from darabonba.runtime import RuntimeOptions
from django.conf import settings
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout
from Tea.exceptions import UnretryableException
from urllib3.exceptions import NewConnectionError

from community.core import outward
from community.notifications.sms import Answer, SmsRefused, SmsUncertain

# The SDK keeps a session for each host; ours keeps the rules of calls outward.
DaraCore._get_session = staticmethod(lambda **_host: outward.SESSION)  # noqa: SLF001

OK = "OK"
# Permanent refusals; others (limits, balance, a missing right) can change.
FINAL = {
    "isv.MOBILE_NUMBER_ILLEGAL",
    "isv.MOBILE_COUNT_OVER_LIMIT",
    "isv.SMS_TEMPLATE_ILLEGAL",
    "isv.SMS_SIGNATURE_ILLEGAL",
    "isv.SMS_SIGN_ILLEGAL",
    "isv.TEMPLATE_MISSING_PARAMETERS",
    "isv.TEMPLATE_PARAMS_ILLEGAL",
    "isv.INVALID_PARAMETERS",
    "isv.INVALID_JSON_PARAM",
    "isv.BLACK_KEY_CONTROL_LIMIT",
    "isv.PARAM_LENGTH_LIMIT",
    "isv.PARAM_NOT_SUPPORT_URL",
}
# Errors after which it is unknown whether the SMS was sent.
BROKEN = {"isp.SYSTEM_ERROR", "isp.GATEWAY_ERROR", "isp.UNKNOWN"}
# SendStatus of QuerySendDetails: 1 given to the network, 2 refused by it, 3 arrived.
WAITING, REFUSED, ARRIVED = 1, 2, 3
PAGE_SIZE = 50


class AliyunSender:
    """Sends through Aliyun without retries: the gateway is queried before an uncertain SMS is sent again."""

    def __init__(self, *, seconds: float) -> None:
        protocol, _colon, host = settings.ALIYUN_SMS_ENDPOINT.rpartition("://")
        self._client = Client(
            Config(
                access_key_id=settings.ALIYUN_SMS_ACCESS_KEY_ID,
                access_key_secret=settings.ALIYUN_SMS_ACCESS_KEY_SECRET,
                endpoint=host,
                protocol=protocol or "https",
            )
        )
        self._runtime = RuntimeOptions(connect_timeout=1000, read_timeout=int(seconds * 1000))

    def send(self, phone: str, template: str, params: Mapping[str, str], key: str) -> str:
        code = settings.ALIYUN_SMS_TEMPLATES.get(template)
        if not code:
            raise SmsRefused(f"no approved template for {template}", is_final=True)
        request = SendSmsRequest(
            phone_numbers=_national(phone),
            sign_name=settings.ALIYUN_SMS_SIGN_NAME,
            template_code=code,
            template_param=json.dumps(dict(params), ensure_ascii=False),
            out_id=key,
        )
        return self._call(self._client.send_sms_with_options, request).biz_id or ""

    def ask(self, phone: str, key: str, on: date) -> Answer:
        """Searches for our key among the messages that this number was sent on a day (of the estate)."""
        seen, page, answer = 0, 1, Answer.UNKNOWN
        while True:
            request = QuerySendDetailsRequest(
                phone_number=_national(phone),
                send_date=f"{on:%Y%m%d}",
                page_size=PAGE_SIZE,
                current_page=page,
            )
            try:
                body = self._call(self._client.query_send_details_with_options, request)
            except SmsRefused as error:
                raise SmsUncertain(str(error)) from error
            details = (body.sms_send_detail_dtos and body.sms_send_detail_dtos.sms_send_detail_dto) or []
            for detail in details:
                if detail.out_id == key:
                    if detail.send_status in (WAITING, ARRIVED):
                        return Answer.SENT
                    answer = Answer.FAILED
            seen += len(details)
            if not details or seen >= int(body.total_count or 0):
                return answer
            page += 1

    def _call(self, method: Callable[..., Any], request: Any) -> Any:
        try:
            body = method(request, self._runtime).body
        except AlibabaCloudException as error:
            if (error.status_code or 500) >= 500 or error.code in BROKEN:
                raise SmsUncertain(f"{error.code}") from error
            raise _refused(error.code, error.message) from error
        except UnretryableException as error:
            raise _no_answer(error) from error
        if body.code in BROKEN:
            raise SmsUncertain(body.code)
        if body.code != OK:
            raise _refused(body.code, body.message)
        return body


def _refused(code: str | None, message: str | None) -> SmsRefused:
    return SmsRefused(f"{code}: {message}"[:300], is_final=code in FINAL)


def _no_answer(error: UnretryableException) -> SmsRefused | SmsUncertain:
    """Returns a refusal if no connection was made, otherwise an uncertainty."""
    cause = getattr(error.inner_exception, "__context__", None)
    if isinstance(cause, ConnectTimeout):
        return SmsRefused("the gateway cannot be reached")
    reason = (
        getattr(cause.args[0], "reason", None) if isinstance(cause, NoConnection) and cause.args else None
    )
    if isinstance(reason, NewConnectionError):
        return SmsRefused("the gateway cannot be reached")
    return SmsUncertain(f"no clear answer: {cause!r}"[:300])


def _national(phone: str) -> str:
    return phone.removeprefix("+86")
