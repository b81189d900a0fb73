"""A local server that speaks the protocols of WeChat Pay and Alipay as they are published, for demo and tests.

No money moves. It is a process of its own, on the standard library and ``cryptography``; the providers' clients
use it unmodified but for its address. On its pages a visitor pays, or chooses what goes wrong.
"""
