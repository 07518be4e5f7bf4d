# SPDX-License-Identifier: BSL-1.0
"""The tables, made by SQL alone and the same each time."""
import dataclasses

from plan import Plan
from servers import Server

SOURCE = "clinic"
TARGET = "warehouse"

PROCNOTE = """CREATE TABLE procnote (
    ProcNoteNum BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    PatNum BIGINT NOT NULL,
    ProcNum BIGINT NOT NULL,
    EntryDateTime DATETIME NOT NULL,
    UserNum BIGINT NOT NULL,
    Note TEXT NOT NULL,
    SigIsTopaz TINYINT UNSIGNED NOT NULL,
    Signature TEXT,
    KEY PatNum (PatNum), KEY ProcNum (ProcNum), KEY EntryDateTime (EntryDateTime)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""

# As examples/quickstart.sh fills it.
PROCNOTE_ROWS = r"""INSERT INTO procnote
SELECT 3 + seq * 2 + seq DIV 1000 * 17,
       1 + CRC32(seq) % 40000,
       1000 + CRC32(seq * 7) % 900000,
       '2015-01-01' + INTERVAL seq * 600 SECOND,
       1 + seq % 23,
       CONCAT('Patient''s visit no. ', seq, ':\n"',
              ELT(1 + seq % 4, 'C:\\\\notes\\\\', '50 % off', 'naïve – ok', '😀🦷'), '"\t',
              REPEAT('Tooth #14 restored with composite; occlusion checked, patient tolerated it well.\n',
                     1 + CRC32(seq) % 12)),
       seq % 2,
       IF(seq % 5 = 0, NULL, CONCAT('sig\\\\', HEX(CRC32(seq)), ''''))
FROM seq_1_to_{rows}"""

NARROW = """CREATE TABLE {name} (
    Id BIGINT NOT NULL PRIMARY KEY,
    PatNum INT NOT NULL,
    Fee DECIMAL(9,2) NOT NULL,
    Status TINYINT NOT NULL,
    Day DATE NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""
NARROW_ROWS = """INSERT INTO {name}
SELECT seq * 3, CRC32(seq) % 40000, CRC32(seq * 3) % 100000 / 100, seq % 7, '2015-01-01' + INTERVAL seq % 4000 DAY
FROM seq_1_to_{rows}"""

TEXTS = """CREATE TABLE {name} (
    Id BIGINT NOT NULL PRIMARY KEY, PatNum INT NOT NULL, Document MEDIUMTEXT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"""
WIDE_ROWS = """INSERT INTO {name} SELECT seq, seq % 40000, REPEAT(MD5(seq), 256) FROM seq_1_to_{rows}"""
MIXED_ROWS = """INSERT INTO {name}
SELECT seq, seq % 40000, IF(seq % 100 = 50, REPEAT(MD5(seq), 32768), MD5(seq)) FROM seq_1_to_{rows}"""


@dataclasses.dataclass
class Table:
    name: str
    definition: str
    filling: str
    rows: int
    size: int = 0  # bytes of text that a copy carries

    def fill(self, source: Server) -> None:
        names = {"name": self.name, "rows": self.rows}
        source.sql(f"{self.definition.format(**names)};\n{self.filling.format(**names)};", SOURCE)
        columns = source.sql(f"SELECT GROUP_CONCAT('COALESCE(LENGTH(', COLUMN_NAME, '), 0)' SEPARATOR ' + ') "
                             f"FROM information_schema.COLUMNS "
                             f"WHERE TABLE_SCHEMA = '{SOURCE}' AND TABLE_NAME = '{self.name}'")
        self.size = int(source.sql(f"ANALYZE TABLE {self.name}; SELECT SUM({columns}) FROM {self.name}",
                                   SOURCE).split("\n")[-1])

    def make_empty(self, server: Server, database: str = TARGET) -> None:
        """The table alone and empty in a database that is made anew, with nothing of an earlier copy."""
        definition = self.definition.format(name=self.name)
        server.sql(f"DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database}; USE {database}; {definition};")

    def checksum(self, server: Server, database: str) -> str:
        return server.sql(f"CHECKSUM TABLE {database}.{self.name}").split("\t")[-1]


class Tables:
    def __init__(self, plan: Plan):
        self.procnote = Table("procnote", PROCNOTE, PROCNOTE_ROWS, plan.procnote_rows)
        self.narrow = Table("narrow", NARROW, NARROW_ROWS, plan.narrow_rows)
        self.wide = Table("wide", TEXTS, WIDE_ROWS, plan.wide_rows)
        self.mixed = Table("mixed", TEXTS, MIXED_ROWS, plan.mixed_rows)
        self.few = Table("few", NARROW, NARROW_ROWS, plan.few_rows)
        self.many = Table("many", NARROW, NARROW_ROWS, plan.many_rows)
