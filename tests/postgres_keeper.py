"""Keep one PostgreSQL for a test run: start it, obey `stop` and `start`, and end it with standard input.

Runs as a process of its own, so that a test run that is killed leaves neither a server nor a folder behind:
the kernel closes the pipe, and this process tidies up. PostgreSQL refuses to run as root, so root becomes
`nobody` here first. Used by `conftest.py`: `postgres_keeper.py PROGRAMS_FOLDER [SETTING=VALUE …]`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path


def keep(programs: Path, settings: list[str]) -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    folder = Path(tempfile.mkdtemp(prefix="sf2530-pg-"))
    server: subprocess.Popen[bytes] | None = None
    try:
        if os.geteuid() == 0:
            programs = _become_nobody(programs, folder)
        _initialise(programs, folder)
        server = _start(programs, folder, settings)
        _say(f"at {folder}")
        for order in iter(sys.stdin.readline, ""):
            _end(server)
            if order.strip() == "start":
                server = _start(programs, folder, settings)
            _say("done")
    finally:
        if server is not None:
            _end(server)
        # the folder may be ours while its parent isn't: its content goes in any case
        shutil.rmtree(folder, ignore_errors=True)


def _become_nobody(programs: Path, folder: Path) -> Path:
    """Give up root for this process, and give the programs' folder as `nobody` can reach it."""
    nobody = pwd.getpwnam("nobody")
    if not all(parent.stat().st_mode & stat.S_IXOTH for parent in programs.parents):
        programs = _copied(programs, folder)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    os.chdir(folder)
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    return programs


def _copied(programs: Path, folder: Path) -> Path:
    """Copy the wheel's programs and the libraries beside it, laid out the same way."""
    package = programs.parent.parent
    shutil.copytree(package / "pginstall", folder / package.name / "pginstall")
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    for path in folder.rglob("*"):
        shutil.chown(path, "nobody")
    return folder / package.name / "pginstall" / "bin"


def _initialise(programs: Path, folder: Path) -> None:
    subprocess.run(
        [
            str(programs / "initdb"),
            *("--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"),
            *("--pgdata", str(folder / "data")),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _start(programs: Path, folder: Path, settings: list[str]) -> subprocess.Popen[bytes]:
    # only on a socket in our own folder: no port to collide on
    wanted = ["listen_addresses=", f"unix_socket_directories={folder}", "max_connections=200", *settings]
    options = [word for setting in wanted for word in ("-c", setting)]
    with (folder / "log").open("ab") as log:
        server = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(folder / "data"), *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    ready = [str(programs / "pg_isready"), "--quiet", "--host", str(folder), "--timeout", "1"]
    while subprocess.run(ready, check=False).returncode != 0:
        try:
            server.wait(timeout=0.02)
        except subprocess.TimeoutExpired:
            continue
        sys.exit((folder / "log").read_text(errors="replace"))
    return server


def _end(server: subprocess.Popen[bytes]) -> None:
    """End it at once (SIGQUIT: no checkpoint); harmless if it has ended already."""
    if server.poll() is None:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    keep(Path(sys.argv[1]), sys.argv[2:])
