"""The floor of a mass of e-mails: built, kept on the disk and sent on one
connection by the standard library."""

from __future__ import annotations

import json
import os
import smtplib
import sys
import time
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from pathlib import Path


def main(folder: Path, port: int) -> None:
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for path in sorted(folder.glob("*.json")):
            said = json.loads(path.read_text())
            message = EmailMessage(policy=SMTP)
            message["From"] = "c@v.fr"
            message["To"] = said["to"]
            message["Subject"] = said["subject"]
            message["Message-ID"] = make_msgid(domain="v.fr")
            message.set_content(said["text"])
            message.add_alternative(said["html"], subtype="html")
            message.add_attachment(
                path.with_suffix(".pdf").read_bytes(),
                maintype="application",
                subtype="pdf",
                filename="facture.pdf",
            )
            data = message.as_bytes()
            with path.with_suffix(".eml").open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            server.sendmail("c@v.fr", [said["to"]], data)
    print(round(time.perf_counter() - start, 3))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
