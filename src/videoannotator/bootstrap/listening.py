"""The server's address: taken before anything else is done, listened on when everything is ready."""

import errno
import ipaddress
import resource
import socket

from videoannotator.domain.errors import CannotStart

# What the kernel buffers for one client that does not read: its default is megabytes, and streams are many.
SEND_BUFFER_BYTES = 128 * 1024
_OPEN_FILES = 65_536


def bind(host: str, port: int) -> socket.socket:
    """Take the address without listening yet; raises CannotStart when it is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small answers at once only on sockets that say they are TCP; others cost 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from error
    return listener


def listen(listener: socket.socket) -> None:
    """Let clients in; raises CannotStart when another program was quicker."""
    try:
        listener.listen(2048)
    except OSError as error:
        host, port = listener.getsockname()[:2]
        raise _refused(host, port, error) from error


def allow_many_connections() -> None:
    """Each client is an open file, and the usual limit of them is meant for desktop programs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, _OPEN_FILES), hard))


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine can connect to the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def url(listener: socket.socket) -> str:
    """The address that people open."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def _refused(host: str, port: int, error: OSError) -> CannotStart:
    hint = "Stop the program that uses the port, or choose another with --port."
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        hint = "Choose an address of this machine with --host."
    elif error.errno == errno.EACCES:
        hint = "Choose a port above 1023 with --port."
    return CannotStart(f"Cannot listen on {host}:{port} ({error.strerror})", hint=hint)
