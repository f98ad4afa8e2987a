"""Which addresses a webhook may call, and the call itself.

A name is looked up once, every address that it has is checked, and the call goes to the address that was
checked: a name that changes its address in between (DNS rebinding) leads nowhere else. Redirects are not
followed and no proxy of the environment is used.
"""

import ipaddress
import socket
from urllib.parse import urlsplit

import httpx2

from videoannotator.domain.errors import InvalidRequest, TargetNotAllowed

TIMEOUT_S = 10.0
_PORTS = {"http": 80, "https": 443}


def check(url: str, *, private: bool) -> None:
    """Raise InvalidRequest or TargetNotAllowed for an address that could never be called."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise InvalidRequest(f"The address is malformed: {error}", field="url") from error
    if not host or port == 0 or parts.username is not None or parts.fragment:
        hint = "Write https://host/path, without user and fragment."
        raise InvalidRequest("The address is incomplete", hint=hint, field="url")
    if parts.scheme != "https" and not private:
        raise TargetNotAllowed("Webhooks call https only", field="url")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return
    _check_address(str(literal), private)


def call(url: str, headers: dict[str, str], body: bytes, *, private: bool) -> int:
    """Send a POST; returns the status. Raises TargetNotAllowed, OSError or httpx2.HTTPError."""
    check(url, private=private)
    parts = urlsplit(url)
    address = _resolve(parts.hostname or "", parts.port or _PORTS[parts.scheme], private)
    shown = f"[{address}]" if ":" in address else address
    target = httpx2.URL(url).copy_with(host=shown)
    with (
        httpx2.Client(trust_env=False, timeout=TIMEOUT_S, follow_redirects=False) as client,
        client.stream(
            "POST",
            target,
            headers={**headers, "Host": parts.netloc, "Content-Type": "application/json"},
            content=body,
            # The certificate is checked against the name, not against the address.
            extensions={"sni_hostname": parts.hostname or ""},
        ) as answer,
    ):
        return answer.status_code  # what it says besides is nobody's business


def _resolve(host: str, port: int, private: bool) -> str:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(one[4][0]).partition("%")[0] for one in found]
    for address in addresses:
        _check_address(address, private)
    return addresses[0]


def _check_address(address: str, private: bool) -> None:
    known = ipaddress.ip_address(address)
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    if not private and (not known.is_global or known.is_multicast):
        raise TargetNotAllowed(f"{known} is no public address", field="url")
