# SPDX-License-Identifier: BSL-1.0
"""The two private servers that run.sh has started."""
import dataclasses
import pathlib
import subprocess

from processes import Failed

USER = PASSWORD = "ferry"


@dataclasses.dataclass(frozen=True)
class Server:
    folder: pathlib.Path
    port: int
    pid: int

    def sql(self, text: str, database: str = "") -> str:
        """Runs SQL as root through the socket; the answer without headings, a line for each row."""
        command = ["mariadb", "--no-defaults", "--user=root", f"--socket={self.folder}/socket",
                   "--default-character-set=utf8mb4", "--batch", "--raw", "--skip-column-names", *filter(None, [database])]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"a server refused SQL: {done.stderr.strip()}")
        return done.stdout.rstrip("\n")

    def uri(self, database: str) -> str:
        return f"mysql://{USER}@127.0.0.1:{self.port}/{database}"
