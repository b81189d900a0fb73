"""A local platform that speaks WeChat's official accounts and group robots as they are published.

Part of the local payment server's process, for demo and tests: signing in, messages, pushes to us, and what goes
wrong with them.
"""
