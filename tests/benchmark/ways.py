# SPDX-License-Identifier: BSL-1.0
"""The ways to copy a table that are compared: rowferry's tool, and the peers in peers/."""
import dataclasses
import pathlib
import shutil
import subprocess

from servers import PASSWORD, USER, Server
from processes import Failed
from tables import SOURCE, TARGET, Table

PEERS = pathlib.Path(__file__).parent / "peers"
PASSWORDS = {"ROWFERRY_SOURCE_PASSWORD": PASSWORD, "ROWFERRY_TARGET_PASSWORD": PASSWORD}


@dataclasses.dataclass(frozen=True)
class Way:
    """A command that fills an empty table `database`.TABLE on `server` with the source's rows."""
    name: str
    command: list[str]
    server: Server
    environment: dict[str, str]
    title: str
    database: str = TARGET
    is_own: bool = False


class Tool:
    """The tool `rowferry`."""

    def __init__(self, program: pathlib.Path, source: Server, target: Server):
        self.program, self.source, self.target = program, source, target
        self.help = subprocess.run([str(program), "copy", "--help"], capture_output=True, text=True).stdout
        if not self.help:
            raise Failed(f"{program} copy --help says nothing")

    def has(self, option: str) -> bool:
        return f"{option} " in self.help or f"{option}\n" in self.help

    @property
    def jobs(self) -> list[str]:
        """What the goals ask for: two jobs, where the tool has them."""
        return ["--jobs", "2"] if self.has("--jobs") else []

    def way(self, table: Table, *options: str, name: str = "rowferry") -> Way:
        command = [str(self.program), "copy", "--source", self.source.uri(SOURCE), "--target", self.target.uri(TARGET),
                   "--table", table.name, "--progress", "never", "--log", "off", "--json", *options]
        return Way(name, command, self.target, PASSWORDS, " ".join(["rowferry copy", *options]),
                   is_own=True)


def python_with_peers() -> str | None:
    """A Python that has what the old replicator needs."""
    for python in ("python3", "/usr/bin/python3"):
        if shutil.which(python) and subprocess.run([python, "-c", "import sqlalchemy, pymysql"],
                                                   capture_output=True).returncode == 0:
            return python
    return None


class Peers:
    """The peers that are here; `missing` says of each other why not."""

    def __init__(self, source: Server, target: Server, folder: pathlib.Path):
        self.source, self.target, self.folder = source, target, folder
        self.missing: dict[str, str] = {}

    def all(self, table: Table, with_optional: bool) -> list[Way]:
        found = [self.insert_select(table), self.mydumper(table), self.dump(table), self.replicator(table)]
        if with_optional:
            found.append(self.archiver(table))
        return [way for way in found if way is not None]

    def environment(self, table: Table) -> dict[str, str]:
        """What a script in peers/ is told."""
        return {"PEER_SOURCE_PORT": str(self.source.port), "PEER_TARGET_PORT": str(self.target.port),
                "PEER_SOURCE_DATABASE": SOURCE, "PEER_TARGET_DATABASE": TARGET, "PEER_TABLE": table.name,
                "PEER_USER": USER, "PEER_PASSWORD": PASSWORD, "PEER_FOLDER": str(self.folder)}

    def script(self, name: str, table: Table, title: str, *programs: str) -> Way | None:
        for program in programs:
            if shutil.which(program) is None:
                self.missing[name] = f"{program} is not installed"
                return None
        return Way(name, [str(PEERS / f"{name}.sh")], self.target, self.environment(table), title)

    def insert_select(self, table: Table) -> Way:
        """Inside the source's server: no client could do less."""
        statement = f"INSERT INTO {TARGET}.{table.name} SELECT * FROM {SOURCE}.{table.name}"
        command = ["mariadb", "--no-defaults", "--user=root", f"--socket={self.source.folder}/socket", "-e", statement]
        return Way("insert_select", command, self.source, {}, "INSERT … SELECT inside one server")

    def mydumper(self, table: Table) -> Way | None:
        title = "mydumper, then myloader, 2 threads each"
        return self.script("mydumper", table, title, "mydumper", "myloader")

    def dump(self, table: Table) -> Way | None:
        return self.script("dump", table, "mariadb-dump piped into mariadb", "mariadb-dump", "mariadb")

    def archiver(self, table: Table) -> Way | None:
        return self.script("archiver", table, "pt-archiver, bulk insert", "pt-archiver")

    def replicator(self, table: Table) -> Way | None:
        python = python_with_peers()
        if python is None:
            self.missing["replicator"] = "no Python here has SQLAlchemy and PyMySQL"
            return None
        return Way("replicator", [python, str(PEERS / "replicator.py")], self.target, self.environment(table),
                   "the old replicator's loop (Python, SQLAlchemy, LIMIT/OFFSET 5000, executemany)")
