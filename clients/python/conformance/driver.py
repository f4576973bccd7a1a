"""The driver of the conformance suite for Python: does what the lines on stdin say, answers on stdout.

docs/clients.md has the commands and answers.
"""

import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf import json_format

from tollgate import (
    AsyncTollgate,
    ChargeUsageRequest,
    MeteredEnd,
    RetrySettings,
    Store,
    StoreError,
    StoreFullError,
    StreamOpen,
    TollgateError,
    Usage,
    WhenDown,
    is_undecided,
)

Json = dict[str, Any]


class Generation:
    """A provider that gives what it is told to, and the end user who reads it."""

    def __init__(self) -> None:
        self.delivered = 0
        self.provider_called = False
        self.is_over = False
        self.task: asyncio.Task[None] | None = None
        self._chunks: list[Json] = []
        self._given = 0
        self._end = ""
        self._changed = asyncio.Condition()

    async def give(self, chunk: Json, count: int) -> Json:
        self._given += count
        up_to = self._given
        self._chunks += [chunk] * count
        await self.change()
        async with self._changed:
            await self._changed.wait_for(lambda: self.delivered >= up_to or self.is_over)
        return {"delivered": self.delivered}

    async def end(self, how: str) -> None:
        self._end = how
        await self.change()

    async def over(self) -> None:
        self.is_over = True
        await self.change()

    async def change(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def chunks(self) -> AsyncIterator[Json]:
        self.provider_called = True
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: bool(self._chunks or self._end))
            if self._chunks:
                yield self._chunks.pop(0)
            elif self._end == "fails":
                raise RuntimeError("the provider failed")
            else:
                return


class Driver:
    def __init__(self) -> None:
        self._client: AsyncTollgate | None = None
        self._timeout_s: float | None = None
        self._generations: dict[str, Generation] = {}
        self._running: set[asyncio.Task[Any]] = set()

    async def answer(self, command: Json) -> Json:
        do = command["do"]
        if do == "connect":
            return self._connect(command)
        if do == "charge":
            return await self._charge(command["request"])
        if do == "hold":
            return await self._hold(command)
        if do == "stream":
            return await self._stream(command)
        if do == "chunks":
            return await self._generation(command).give(command["chunk"], command["count"])
        if do == "end":
            await self._generation(command).end("fails" if command.get("fails") else "ends")
            return {}
        if do == "leave":
            task = self._generation(command).task
            if task is not None:
                task.cancel()
            return {}
        if do == "deliver":
            delivery = await self._connected.deliver()
            return {
                "deliveredCount": delivery.delivered,
                "waitingCount": delivery.waiting,
                "refusedCount": delivery.refused,
            }
        await self._connected.close()
        return {}

    def _connect(self, command: Json) -> Json:
        store = None
        if "store" in command:
            try:
                store = Store(command["store"], bytes_max=command.get("storeBytesMax", 256 << 20))
            except StoreError:
                return {"error": "STORE_UNWRITABLE"}
        retry, when_down = RetrySettings(), WhenDown()
        self._client = AsyncTollgate(
            command["address"],
            retry=RetrySettings(
                retries_max=command.get("retriesMax", retry.retries_max),
                attempt_timeout_s=_seconds(command, "attemptTimeoutMs", retry.attempt_timeout_s),
            ),
            batching=command.get("batching", True),
            store=store,
            when_down=WhenDown(
                wait_s=_seconds(command, "waitMs", when_down.wait_s),
                output_tokens_beyond_grant=command.get(
                    "outputTokensBeyondGrant", when_down.output_tokens_beyond_grant
                ),
            ),
            deliver_interval_s=None,
        )
        self._timeout_s = _seconds(command, "timeoutMs", 30.0)
        return {}

    async def _charge(self, request: Json) -> Json:
        message = json_format.ParseDict(request, ChargeUsageRequest())
        try:
            answer = await self._connected.charge(message, timeout_s=self._timeout_s)
        except TollgateError as error:
            return _failed(error, is_undecided(error))
        if answer is None:
            return {"outcome": "kept"}
        amount = str(answer.charge.amount_nanousd)
        return {"outcome": "charged", "amountNanousd": amount, "replayed": answer.replayed}

    async def _hold(self, command: Json) -> Json:
        opening = json_format.ParseDict(command["open"], StreamOpen())
        called = False
        try:
            async with self._connected.hold(opening) as hold:
                called = True
                await asyncio.sleep(command.get("takesMs", 0) / 1_000)
                if command.get("fails"):
                    raise RuntimeError("the provider failed")
                hold.used(json_format.ParseDict(command["usage"], Usage()))
        except RuntimeError:
            pass
        except TollgateError as error:
            return {**_failed(error, called), "providerCalled": called}
        try:
            return {**_ended(await hold.ended()), "providerCalled": called}
        except TollgateError as error:
            return {**_failed(error, called), "providerCalled": called}

    async def _stream(self, command: Json) -> Json:
        generation = self._generation(command)
        opening = json_format.ParseDict(command["open"], StreamOpen())
        stream = self._connected.meter_stream(opening, generation.chunks, format=command["format"])

        async def read() -> None:
            async for _chunk in stream:
                generation.delivered += 1
                await generation.change()

        generation.task = asyncio.ensure_future(read())
        await asyncio.wait({generation.task})
        refusal = None if generation.task.cancelled() else generation.task.exception()
        facts = {"delivered": generation.delivered, "providerCalled": generation.provider_called}
        try:
            if isinstance(refusal, TollgateError):
                raise refusal
            return {**_ended(await stream.ended()), **facts}
        except TollgateError as error:
            return {**_failed(error, generation.provider_called), **facts}
        finally:
            await generation.over()

    def _generation(self, command: Json) -> Generation:
        return self._generations.setdefault(command["stream"], Generation())

    @property
    def _connected(self) -> AsyncTollgate:
        assert self._client is not None, "not connected"
        return self._client


def _seconds(command: Json, name: str, otherwise: float) -> float:
    return float(command[name]) / 1_000 if name in command else otherwise


def _ended(end: MeteredEnd) -> Json:
    stopped = {} if end.stopped_by is None else {"stoppedBy": end.stopped_by}
    if end.is_kept:
        return {"outcome": "kept", **stopped}
    if end.charge is None or end.charge.amount_nanousd == 0:
        return {"outcome": "nothing", **stopped}
    return {"outcome": "charged", "amountNanousd": str(end.charge.amount_nanousd), **stopped}


def _failed(error: TollgateError, may_be_undecided: bool) -> Json:
    """What was refused before the provider was called is decided: nothing was used."""
    if isinstance(error.__cause__, StoreFullError):
        return {"outcome": "undecided", "reason": "STORE_FULL"}
    outcome = "undecided" if may_be_undecided and is_undecided(error) else "refused"
    return {"outcome": outcome, "reason": error.reason}


async def main() -> None:
    driver = Driver()
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)

    threading.Thread(target=read, daemon=True).start()
    tasks: set[asyncio.Task[None]] = set()
    is_closed = asyncio.Event()

    async def answer(command: Json) -> None:
        number = command.pop("id")
        try:
            answered = await driver.answer(command)
            if command["do"] == "close":
                # The streams that it settled answer first.
                await asyncio.wait(tasks - {asyncio.current_task()}, timeout=5)  # type: ignore[arg-type]
        except Exception as error:
            answered = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": number, **answered}), flush=True)
        if command["do"] == "close":
            is_closed.set()

    async def hear() -> None:
        while True:
            task = asyncio.ensure_future(answer(json.loads(await lines.get())))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    hearing = asyncio.ensure_future(hear())
    await is_closed.wait()
    hearing.cancel()


if __name__ == "__main__":
    asyncio.run(main())
