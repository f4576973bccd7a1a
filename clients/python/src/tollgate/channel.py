"""How a channel to tollgate is made."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import grpc


@dataclass(frozen=True)
class Tls:
    """TLS, with these certificates (PEM) instead of those that the system trusts where `ca` is given."""

    ca: bytes | None = None
    # For a server that demands a certificate of its clients.
    certificate: bytes | None = None
    key: bytes | None = None


_OPTIONS: Sequence[tuple[str, object]] = (
    # A dead connection must be noticed while there is time for another attempt.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    # Without it, gRPC waits a minute for the answer to a ping, whatever keepalive_timeout_ms says.
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
    # The gateway's own users wait for it.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    # In spite of its name, how long one attempt to connect may take.
    ("grpc.min_reconnect_backoff_ms", 5_000),
    # When replicas are gone, the name may have new ones; by default gRPC resolves it again after 30 s.
    ("grpc.dns_min_time_between_resolutions_ms", 1_000),
    # A page of 1,000 receipts with all their labels.
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    # All addresses of a name, such as a headless service's, are used.
    ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
    # The client retries by itself, by the reasons of the contract.
    ("grpc.enable_retries", 0),
    # Each client has a connection of its own, so that closing one affects no other.
    ("grpc.use_local_subchannel_pool", 1),
)


def checked_address(address: str) -> str:
    """gRPC would look a URL up as a name, and a client would take tollgate to be down for ever.

    Raises ValueError.
    """
    if not address or re.search(r"\s", address) or re.match("https?:", address, re.IGNORECASE):
        raise ValueError("address must be host:port without http://, or a target of gRPC (dns:///name:port)")
    return address


def open_channel(address: str, tls: Tls | None) -> grpc.aio.Channel:
    if tls is None:
        return grpc.aio.insecure_channel(address, options=_OPTIONS)
    credentials = grpc.ssl_channel_credentials(tls.ca, tls.key, tls.certificate)
    return grpc.aio.secure_channel(address, credentials, options=_OPTIONS)


def metadata_of(token: str | None) -> Sequence[tuple[str, str]]:
    if token is None:
        return ()
    # gRPC would refuse it, and quote it for whatever log there is.
    if not token.isascii() or not token.isprintable():
        raise ValueError("the token can't be sent: it has characters that are not visible ASCII")
    return (("authorization", f"Bearer {token}"),)
