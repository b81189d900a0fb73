"""WeChat's official accounts (服务号): who a person is there, and messages to them."""
