"""A real server, a way to it that can be cut, and a peer that answers by a script."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

from tollgate import AsyncTollgate, Delivery, RetrySettings, StreamOpen, Tollgate
from tollgate.billing.v1 import admin_services_pb2 as admin
from tollgate.billing.v1 import billing_service_pb2 as billing
from tollgate.billing.v1 import types_pb2 as types

ROOT = Path(__file__).parents[3]
MODEL = "test-model"
# $1 and $10 a million tokens, in nano-USD a token.
INPUT, OUTPUT = 1_000, 10_000
READY = re.compile(r"tollgate ready grpc=(\S+)")


class Server:
    """`tollgate serve` as an operator starts it, on a database of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._folder = folder
        self._environment = environment
        self._port = free_port()
        self.address = f"127.0.0.1:{self._port}"
        self._process: subprocess.Popen[str] | None = None
        self.start()
        # Long enough for a server that starts.
        self.admin = Tollgate(self.address, retry=RetrySettings(retries_max=12))
        rates = [
            types.Rate(meter=types.METER_INPUT_TOKENS, price_nanousd=1_000_000_000, per=1_000_000),
            types.Rate(meter=types.METER_OUTPUT_TOKENS, price_nanousd=10_000_000_000, per=1_000_000),
            types.Rate(meter=types.METER_CACHE_READ_INPUT_TOKENS, price_nanousd=100_000_000, per=1_000_000),
        ]
        self.admin.put_price(admin.PutPriceRequest(model=MODEL, rate_cards=[types.RateCard(rates=rates)]))

    def start(self) -> None:
        log = self._folder / "server.log"
        log.write_text("")
        self._process = subprocess.Popen(
            ["node", "dist/src/main.js", "serve"],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "HOME": os.environ.get("HOME", "/"),
                "TOLLGATE_GRPC_PORT": str(self._port),
                "TOLLGATE_METRICS_PORT": "0",
                "TOLLGATE_DATA_DIR": str(self._folder / "data"),
                **self._environment,
            },
            stdout=log.open("w"),
            stderr=subprocess.STDOUT,
            text=True,
        )
        process = self._process

        def is_ready() -> bool:
            assert process.poll() is None, log.read_text()[-2_000:]
            return READY.search(log.read_text()) is not None

        until(is_ready, 120, lambda: log.read_text()[-2_000:])

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        assert self._process is not None
        self.admin.close()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def user(self, credits_nanousd: int = 1_000_000_000) -> str:
        user_id = f"user-{uuid.uuid4().hex[:12]}"
        self.admin.create_user(admin.CreateUserRequest(user_id=user_id))
        if credits_nanousd:
            grant = admin.GrantCreditsRequest(
                user_id=user_id, idempotency_key="order", pot=admin.POT_CREDITS, amount_nanousd=credits_nanousd
            )
            self.admin.grant_credits(grant)
        return user_id

    def charges(self, user_id: str) -> list[int]:
        """What the ledger has, in nano-USD, in order."""
        entries = self.admin.list_ledger_entries(
            admin.ListLedgerEntriesRequest(user_id=user_id, page_size=1_000)
        ).entries
        return [entry.charge.amount_nanousd for entry in entries if entry.HasField("charge")]

    def held(self, user_id: str) -> int:
        return self.admin.get_user(admin.GetUserRequest(user_id=user_id)).user.balance.held_nanousd

    def until_charged(self, user_id: str, *amounts: int, timeout_s: float = 20) -> None:
        """These amounts, no others, and nothing is held any more."""
        until(
            lambda: sorted(self.charges(user_id)) == sorted(amounts) and self.held(user_id) == 0,
            timeout_s,
            lambda: f"charged {self.charges(user_id)}, held {self.held(user_id)}, expected {amounts}",
        )


def until(is_so: Callable[[], bool], timeout_s: float, what: Callable[[], str]) -> None:
    ends_at = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > ends_at:
            raise AssertionError(what())
        time.sleep(0.05)


def deliver_all(client: Tollgate) -> Delivery:
    """Until nothing waits any more: a client may take a second to connect again. Adds up what came of it."""
    delivered = refused = 0
    for _ in range(100):
        delivery = client.deliver()
        delivered, refused = delivered + delivery.delivered, refused + delivery.refused
        if delivery.waiting == 0:
            break
        time.sleep(0.2)
    return Delivery(delivered, delivery.waiting, refused)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Way:
    """A TCP proxy that can be cut, or fall silent."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self._far = (host, int(port))
        self._sockets: set[socket.socket] = set()
        self._is_cut = False
        self._lost: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Breaks every connection and accepts none."""
        self._is_cut = True
        self._drop()

    def hang(self) -> None:
        """What is sent on the connections that exist gets lost, and neither side learns of it."""
        self._lost |= self._sockets

    def restore(self) -> None:
        self._is_cut = False

    def close(self) -> None:
        self._listener.close()
        self._drop()

    def _drop(self) -> None:
        for each in list(self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                near.close()
                continue
            try:
                far = socket.create_connection(self._far)
            except OSError:
                near.close()
                continue
            for source, target in ((near, far), (far, near)):
                self._sockets.add(source)
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if source not in self._lost:
                    target.sendall(data)
        self._sockets.discard(source)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


class Refusal(Exception):
    """An error as tollgate sends it, with details; without a reason, as the transport does."""

    def __init__(self, code: grpc.StatusCode, reason: str = "", retry_after_s: float = 0.0) -> None:
        self.code, self.reason, self.retry_after_s = code, reason, retry_after_s


class Peer:
    """Answers unary calls by a script, and remembers the keys that it was asked to charge."""

    def __init__(self, answer: Callable[[str], object]) -> None:
        self.asked: list[tuple[str, list[str]]] = []
        self._answer = answer
        self._server = grpc.server(futures.ThreadPoolExecutor(64))
        requests = {
            "ChargeUsage": billing.ChargeUsageRequest,
            "BatchChargeUsage": billing.BatchChargeUsageRequest,
            "PriceQuote": billing.PriceQuoteRequest,
        }
        handlers = {
            name: grpc.unary_unary_rpc_method_handler(
                self._handler(name),
                request_deserializer=request.FromString,
                response_serializer=lambda message: message.SerializeToString(),
            )
            for name, request in requests.items()
        }
        generic = grpc.method_handlers_generic_handler("tollgate.billing.v1.BillingService", handlers)
        self._server.add_generic_rpc_handlers((generic,))
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def stop(self) -> None:
        self._server.stop(None)

    def _handler(self, name: str):  # type: ignore[no-untyped-def]
        def handle(request, context):  # type: ignore[no-untyped-def]
            requests = request.requests if name == "BatchChargeUsage" else [request]
            self.asked.append((name, [getattr(each, "idempotency_key", "") for each in requests]))
            answer = self._answer(name)
            if isinstance(answer, Refusal):
                if answer.reason:
                    context.set_trailing_metadata((("grpc-status-details-bin", _details(answer)),))
                context.abort(answer.code, answer.reason or "as the transport says")
            return answer

        return handle


def _details(refusal: Refusal) -> bytes:
    info = any_pb2.Any()
    info.Pack(error_details_pb2.ErrorInfo(reason=refusal.reason, domain="tollgate"))
    details = [info]
    if refusal.retry_after_s:
        retry = any_pb2.Any()
        delay = duration_pb2.Duration()
        delay.FromNanoseconds(int(refusal.retry_after_s * 1e9))
        retry.Pack(error_details_pb2.RetryInfo(retry_delay=delay))
        details.append(retry)
    status = status_pb2.Status(code=refusal.code.value[0], message=refusal.reason, details=details)
    return bytes(status.SerializeToString())


def opening(user_id: str, **fields: object) -> StreamOpen:
    given = {"idempotency_key": "stream", "model": MODEL, "input_tokens": 10, **fields}
    return StreamOpen(user_id=user_id, **given)  # type: ignore[arg-type]


def words(count: int, usage: int | None = None, pause_s: float = 0.0) -> Iterator[dict[str, object]]:
    """A provider's stream in the format openai.chat: a token a chunk, and its usage at the end."""
    for _ in range(count):
        if pause_s:
            time.sleep(pause_s)
        yield chunk("w ")
    if usage is not None:
        yield {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": usage}}


def chunk(text: str) -> dict[str, object]:
    return {"choices": [{"delta": {"content": text}}]}


async def spoken(source, pause_s: float = 0.0):  # type: ignore[no-untyped-def]
    """The same for asyncio."""
    for each in source:
        await asyncio.sleep(pause_s)
        yield each


def run(work, address: str, **settings):  # type: ignore[no-untyped-def]
    """Runs `work(client)` with a client of asyncio, and closes it."""

    async def main():  # type: ignore[no-untyped-def]
        async with AsyncTollgate(address, **settings) as client:
            return await work(client)

    return asyncio.run(main())
