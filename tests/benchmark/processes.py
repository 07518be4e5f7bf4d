# SPDX-License-Identifier: BSL-1.0
"""Commands that end with this program, whatever ends it."""
import os
import signal
import subprocess


class Wrong(Exception):
    """A copy of ours that is not equal to its source: whatever else was measured means nothing."""


class Failed(Exception):
    """Something that did not do what it should; the message says why."""


def run(command: list[str], limit: float, **options) -> subprocess.CompletedProcess:
    """Runs a command as a process group of its own, which does not outlive this call."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True, start_new_session=True, **options)
    try:
        out, errors = child.communicate(timeout=limit)
        return subprocess.CompletedProcess(command, child.returncode, out, errors)
    except subprocess.TimeoutExpired:
        raise Failed(f"{command[0]} took longer than {limit:.0f} s") from None
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
