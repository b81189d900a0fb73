from tests.support.wechat import platform, wechat_port  # noqa: F401
