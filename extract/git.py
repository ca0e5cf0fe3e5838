"""Git repositories: fetched by git itself, only the newest state."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from extract.content import LoadError

TIMEOUT_S = 600

_ADDRESS = re.compile(r"(?:https?|ssh|git|file)://\S+|[\w.-]+@[\w.-]+:\S+")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


def is_repository(argument: str) -> bool:
    """Whether an argument is to be cloned: an address, or a local repository without a work tree."""
    if _ADDRESS.fullmatch(argument):
        return True
    folder = Path(argument)
    return all((folder / part).exists() for part in ("HEAD", "objects", "refs"))


def repository_label(address: str) -> str:
    """Return the repository's name: the end of its address, without ".git"."""
    name = re.split(r"[/:]", address.rstrip("/"))[-1]
    return name.removesuffix(".git") or "repository"


def without_credentials(address: str) -> str:
    """Return an address that may be printed."""
    return _CREDENTIALS.sub("", address)


def clone(address: str, folder: Path) -> None:
    """Clone a repository into ``folder``, which must not exist yet.

    Raises:
        LoadError: git is not installed, or could not clone; the text has git's own last line.
    """
    # Without a terminal prompt and with batch-mode SSH a private repository fails at once instead of hanging.
    environment = {
        **os.environ,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
        "LC_ALL": "C",
    }
    command = ["git", "clone", "--quiet", "--depth", "1", "--no-tags", "--", address, str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and "--" ends the options
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    except FileNotFoundError as error:
        raise LoadError("reading a repository needs git, which is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise LoadError(f"git clone took more than {TIMEOUT_S} s") from error
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise LoadError(f"git clone failed: {without_credentials(lines[-1]) if lines else 'no reason given'}")
