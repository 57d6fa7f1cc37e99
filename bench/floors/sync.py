"""The floor of ``sync``: the same answers read with httpx2 alone, page after page,
and nothing done with them but the rows written with the driver. Prints the seconds."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time

import httpx2

INVOICES = (
    "id,ref,type,socid,status,statut,paye,close_code,close_note,date,"
    "date_lim_reglement,total_ttc,remaintopay,multicurrency_code,"
    "multicurrency_total_ttc,ref_client,ref_customer,mode_reglement_code,"
    "fk_facture_source,contacts_ids,last_main_doc,array_options"
)
CUSTOMERS = (
    "id,name,code_client,address,zip,town,country_code,default_lang,email,phone,"
    "idprof1,idprof2,tva_intra,typent_code,client,array_options"
)
PAGE = 500


def main(address: str, key: str) -> None:
    start = time.perf_counter()
    base = f"{address}/api/index.php/"
    with (
        tempfile.NamedTemporaryFile(suffix=".sqlite3") as file,
        httpx2.Client(base_url=base, headers={"DOLAPIKEY": key}) as client,
    ):
        database = sqlite3.connect(file.name)
        database.execute("CREATE TABLE customer (id PRIMARY KEY, name, email)")
        database.execute("CREATE TABLE invoice (id PRIMARY KEY, ref, customer, rest)")
        database.execute("CREATE TABLE payment (ref, invoice, amount)")
        for row in pages(client, "thirdparties", properties=CUSTOMERS, mode=1):
            values = (row["id"], row["name"], row["email"])
            database.execute("INSERT INTO customer VALUES (?, ?, ?)", values)
        for row in pages(client, "invoices", properties=INVOICES, status="unpaid"):
            values = (row["id"], row["ref"], row["socid"], row["remaintopay"])
            database.execute("INSERT INTO invoice VALUES (?, ?, ?, ?)", values)
            if float(row["remaintopay"]) == float(row["total_ttc"]):
                continue
            for paid in client.get(f"invoices/{row['id']}/payments").json():
                values = (paid["ref"], row["id"], paid["amount"])
                database.execute("INSERT INTO payment VALUES (?, ?, ?)", values)
        database.commit()
    print(f"{time.perf_counter() - start:.3f}")


def pages(client, path, **params):
    after = 0
    while True:
        wanted = {"sqlfilters": f"(t.rowid:>:{after})", "limit": PAGE, **params}
        answer = client.get(path, params=wanted)
        rows = answer.json() if answer.status_code == 200 else []
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1]["id"]


if __name__ == "__main__":
    main(*sys.argv[1:])
