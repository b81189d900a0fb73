"""Runs the local payment server: ``python -m community.demo.payments PORT FOLDER``."""

import sys
from pathlib import Path

from community.demo.payments.keys import kept_keys
from community.demo.payments.server import PaymentServer


def main() -> None:
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    server = PaymentServer(kept_keys(folder), folder / "payments.sqlite3", port=port)
    server.platform.asks = True
    server.run()


main()
