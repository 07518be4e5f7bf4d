#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""The loop that rowferry replaces, written anew: two raw connections held open for the whole table, pages by LIMIT and
OFFSET without an order, executemany into the target, a commit for each page."""
import os

from sqlalchemy import create_engine

PAGE = 5000


def engine(side: str):
    told = {name: os.environ[f"PEER_{name}"] for name in ("USER", "PASSWORD")}
    port, database = os.environ[f"PEER_{side}_PORT"], os.environ[f"PEER_{side}_DATABASE"]
    return create_engine(f"mysql+pymysql://{told['USER']}:{told['PASSWORD']}@127.0.0.1:{port}/{database}?charset=utf8mb4")


def copy_table(table: str) -> int:
    source, target = engine("SOURCE").raw_connection(), engine("TARGET").raw_connection()
    reader, writer = source.cursor(), target.cursor()
    offset = 0
    while True:
        reader.execute(f"SELECT * FROM `{table}` LIMIT {PAGE} OFFSET {offset}")
        rows = reader.fetchall()
        if not rows:
            break
        columns = ", ".join(f"`{column[0]}`" for column in reader.description)
        marks = ", ".join(["%s"] * len(reader.description))
        writer.executemany(f"INSERT INTO `{table}` ({columns}) VALUES ({marks})", rows)
        target.commit()
        offset += len(rows)
    source.close()
    target.close()
    return offset


print(copy_table(os.environ["PEER_TABLE"]), "rows")
