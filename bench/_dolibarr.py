"""A Dolibarr full of unpaid invoices, in a process of its own: prints its address and
key, and listens until its input ends."""

from __future__ import annotations

import sys

from tests.dolibarr_server import DolibarrServer


def main(n: int, owed: int, partly: int) -> None:
    with DolibarrServer() as server:
        for rank in range(n):
            if rank % owed == 0:
                customer = server.add_customer(f"Client {rank:06d}")
            id = server.add_invoice(customer, str(100 + rank % 997))
            if rank % partly == 0:
                server.pay(id, "50")
        sys.stdout.write(f"{server.address} {server.key}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
