"""Another machine, for which a network namespace stands, and a proxy between it and a server."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

NAME = "videos.lab.example"  # what the other machine calls this one
_PID = os.getpid()
# Addresses of the range for tests of networks (RFC 2544), others for each process of tests.
_NETWORK, _FIRST = 198 * 2**24 + 18 * 2**16, 4 * (_PID % 2**14)
OURS, THEIRS = (".".join(str(byte) for byte in (_NETWORK + _FIRST + number).to_bytes(4)) for number in (1, 2))


def lacking() -> str | None:
    """What is needed and not there."""
    missing = [tool for tool in ("nginx", "ip", "openssl", "curl") if shutil.which(tool) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    probe = f"probe{_PID}"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, check=False)
    subprocess.run(["ip", "netns", "del", probe], capture_output=True, check=False)
    return "this system lets nobody make network namespaces" if made.returncode else None


def run(*words: object, environment: dict[str, str] | None = None) -> str:
    """What a command prints; it has to succeed."""
    done = subprocess.run(
        [*map(str, words)],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def program(*words: object) -> tuple[object, ...]:
    """The command line ``videoannotator ...``."""
    return (sys.executable, "-m", "videoannotator.cli.main", *words)


@dataclass
class Machine:
    """The other machine: it knows this one's name and trusts its certificate."""

    namespace: str
    certificate: Path
    streams: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def inside(self) -> tuple[str, ...]:
        """What commands begin with that run there."""
        return ("ip", "netns", "exec", self.namespace)

    def curl(self, *words: object, tell: str = "%{http_code}") -> str:
        """What curl tells of an answer: its status, ``000`` where nobody answers."""
        command = [*self.inside, "curl", "-s", "-o", "/dev/null", "-w", tell, "--max-time", "10"]
        command += ["--cacert", self.certificate, *words]
        return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False).stdout

    def videoannotator(self, key: str, *words: object) -> str:
        """What the program prints there, with a key of the server."""
        known = {
            "VIDEOANNOTATOR_SERVER": f"https://{NAME}",
            "VIDEOANNOTATOR_TOKEN": key,
            "SSL_CERT_FILE": str(self.certificate),
        }
        return run(*self.inside, *program(*words), environment=known)

    def listen(self, key: str, into: Path) -> subprocess.Popen[bytes]:
        """Read the event stream into a file."""
        command = [*self.inside, "curl", "-sN", "--cacert", str(self.certificate)]
        command += ["-H", f"Authorization: Bearer {key}", f"https://{NAME}/api/v1/events/stream"]
        with into.open("wb") as file:
            stream = subprocess.Popen(command, stdout=file)
        self.streams.append(stream)
        return stream


@contextmanager
def another_machine(certificate: Path) -> Iterator[Machine]:
    """A machine that reaches this one at ``OURS`` only."""
    name, hosts = f"lab{_PID}", Path(f"/etc/netns/lab{_PID}/hosts")
    run("ip", "netns", "add", name)
    machine = Machine(name, certificate)
    try:
        run("ip", "link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b", "netns", name)
        for device, address, where in ((f"{name}a", OURS, ()), (f"{name}b", THEIRS, machine.inside)):
            run(*where, "ip", "addr", "add", f"{address}/30", "dev", device)
            run(*where, "ip", "link", "set", device, "up")
        hosts.parent.mkdir(parents=True, exist_ok=True)
        hosts.write_text(f"{OURS} {NAME}\n")
        yield machine
    finally:
        for stream in machine.streams:
            stream.kill()
            stream.wait()
        run("ip", "netns", "del", name)
        shutil.rmtree(hosts.parent, ignore_errors=True)


def new_certificate(folder: Path) -> Path:
    """A certificate for the name, with its key beside it."""
    path = folder / "videos.pem"
    whose = ("-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}")
    files = ("-keyout", path.with_suffix(".key"), "-out", path)
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 1, *whose, *files)
    return path


@contextmanager
def nginx(folder: Path, site: str) -> Iterator[None]:
    """nginx with a site's configuration; what it keeps lies in the folder."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    text = f"user root; daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
    (folder / "nginx.conf").write_text(f"{text}http {{ access_log off; {places}\n{site}\n}}\n")
    process = subprocess.Popen(["nginx", "-p", folder, "-c", folder / "nginx.conf"])
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)
