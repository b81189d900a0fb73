"""WeChat's official accounts (服务号): a person's openid, as the account knows them.

A library without tables: whoever uses it has the account's application and secret.
"""
