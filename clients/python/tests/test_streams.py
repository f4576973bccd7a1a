"""Metered streams on a real server: each ends with the amount that the ledger must have, once."""

import asyncio
import gc
import json
import threading
import time

import pytest
from support import INPUT, OUTPUT, Server, chunk, opening, run, spoken, words

from tollgate import AsyncTollgate, ChunkFacts, Tollgate, TollgateError
from tollgate.meter.hold import close_of_answer
from tollgate.meter.readers import CHUNK_READERS
from tollgate.meter.tally import Tally

PROMPT = 10 * INPUT


def read_all(address, open_, source, kind, **settings):
    """Iterates over a metered stream to its end. Gives the chunks, how it ended, and what it raised."""
    if kind == "threads":
        with Tollgate(address) as client:
            stream = client.meter_stream(open_, lambda: source, **settings)
            chunks, error = [], None
            try:
                for each in stream:
                    chunks.append(each)
            except Exception as failure:
                error = failure
            return chunks, stream.ended(), error

    async def read(client):
        stream = client.meter_stream(open_, lambda: spoken(source), **settings)
        chunks, error = [], None
        try:
            async for each in stream:
                chunks.append(each)
        except Exception as failure:
            error = failure
        return chunks, await stream.ended(), error

    return run(read, address)


both = pytest.mark.parametrize("kind", ["threads", "asyncio"])


@both
def test_meters_a_stream_to_its_end(server, kind):
    user = server.user()
    chunks, end, error = read_all(server.address, opening(user), words(2_000, usage=2_000), kind, format="openai.chat")
    assert (len(chunks), error, end.stopped_by) == (2_001, None, None)
    assert end.charge.amount_nanousd == PROMPT + 2_000 * OUTPUT
    server.until_charged(user, PROMPT + 2_000 * OUTPUT)


@both
def test_stops_before_the_first_chunk_that_is_not_paid_for(server, kind):
    user = server.user(PROMPT + 1_500 * OUTPUT)
    chunks, end, _error = read_all(server.address, opening(user), words(2_000), kind, format="openai.chat")
    assert (len(chunks), end.stopped_by) == (1_500, "FINAL_REASON_CREDITS")
    server.until_charged(user, PROMPT + 1_500 * OUTPUT)


@both
def test_does_not_call_the_provider_for_a_user_who_cannot_pay(server, kind):
    user = server.user(1)
    called = []

    def source():
        called.append(True)
        yield chunk("w")

    chunks, end, error = read_all(server.address, opening(user), source(), kind, format="openai.chat")
    assert (chunks, called, error.reason) == ([], [], "INSUFFICIENT_CREDITS")
    assert end.charge is None
    server.until_charged(user)


@both
def test_charges_what_was_delivered_when_the_provider_fails(server, kind):
    user = server.user()

    def source():
        yield from words(999)
        raise RuntimeError("the provider failed")

    chunks, _end, error = read_all(server.address, opening(user), source(), kind, format="openai.chat")
    assert (len(chunks), str(error)) == (999, "the provider failed")
    server.until_charged(user, PROMPT + 999 * OUTPUT)


@both
def test_charges_nothing_for_a_provider_that_never_answers(server, kind):
    user = server.user()

    def source():
        raise RuntimeError("the provider failed")
        yield

    _chunks, end, error = read_all(server.address, opening(user), source(), kind, format="openai.chat")
    assert str(error) == "the provider failed"
    assert end.charge.amount_nanousd == 0
    server.until_charged(user, 0)


@both
def test_charges_the_providers_count_though_it_is_above_ours(server, kind):
    user = server.user()
    read_all(server.address, opening(user), words(100, usage=500), kind, format="openai.chat")
    server.until_charged(user, PROMPT + 500 * OUTPUT)


@both
@pytest.mark.parametrize(("said", "charged"), [(0, 1_000), (500, 1_000), (909, 1_000), (910, 910)])
def test_never_settles_below_what_it_delivered(server, kind, said, charged):
    user = server.user()
    read_all(server.address, opening(user), words(1_000, usage=said), kind, format="openai.chat")
    server.until_charged(user, PROMPT + charged * OUTPUT)


def test_a_low_count_of_anthropics_keeps_the_cache_of_the_prompt(server):
    user = server.user()
    started = {"input_tokens": 100, "cache_read_input_tokens": 900, "output_tokens": 1}
    source = [{"type": "message_start", "message": {"usage": started}}]
    source += [{"type": "content_block_delta", "delta": {"type": "text_delta", "text": "w "}}] * 50
    source += [{"type": "message_delta", "usage": {"output_tokens": 0}}]
    read_all(server.address, opening(user), source, "threads", format="anthropic.messages")
    # The first event counts a token, before the text.
    server.until_charged(user, 100 * INPUT + 900 * INPUT // 10 + 51 * OUTPUT)


def test_says_what_served_it_as_the_provider_does_without_its_texts():
    def read(format, *chunks):
        tally = Tally(100)
        for chunk in chunks:
            tally = tally.plus(CHUNK_READERS[format](chunk))
        return json.loads(tally.measured(format).provider_usage.json)

    text = {"choices": [{"delta": {"content": "abc "}}], "model": "m", "service_tier": "flex"}
    served, usage = {"model": "m", "service_tier": "flex"}, {"completion_tokens": 2}
    assert read("openai.chat", text, {"model": "", "usage": usage}) == {**served, "usage": usage}
    counted = {"prompt_tokens": 100, "completion_tokens": 1}
    assert read("openai.chat", text) == {**served, "usage": counted}
    assert read("litellm", text) == {"service_tier": "flex", "usage": counted}
    assert read("openai.chat", {"x_groq": {"usage": usage}}) == usage
    assert read("openai.chat", {"choices": [{"delta": {}, "usage": usage}]}) == usage
    start = {"type": "message_start", "message": {"model": "m", "usage": {"output_tokens": 1}}}
    end = {"usage": {"output_tokens": 2}}
    assert read("anthropic.messages", start, end) == [
        {"model": "m", "usage": {"output_tokens": 1}},
        {"output_tokens": 2},
    ]
    gemini = {"modelVersion": "m", "usageMetadata": {"candidatesTokenCount": 1, "trafficType": "ON_DEMAND"}}
    assert read("gemini", gemini) == gemini
    grounded = {"candidates": [{"groundingMetadata": {"webSearchQueries": ["secret", "", "secret", "two"]}}], **gemini}
    counted = {"candidates": [{"groundingMetadata": {"webSearchQueries": ["1", "2"]}}], **gemini}
    assert read("gemini", grounded) == counted
    output = [
        {"type": "message", "content": [{"text": "secret"}]},
        {"type": "function_call", "arguments": "secret"},
        {"type": "web_search_call", "action": {"type": "search", "query": "secret"}},
        {"type": "code_interpreter_call", "container_id": "c", "code": "secret"},
    ]
    response = {"model": "m", "output": output, "usage": {"output_tokens": 4}}
    kept = {
        "model": "m",
        "output": [
            {"type": "web_search_call", "action": {"type": "search"}},
            {"type": "code_interpreter_call", "container_id": "c"},
        ],
        "usage": {"output_tokens": 4},
    }
    assert read("openai.responses", {"type": "response.completed", "response": response}) == kept
    answer = close_of_answer({"object": "response", **response}, "openai.responses")
    assert json.loads(answer.provider_usage.json) == kept


def test_counts_with_the_models_tokeniser(server):
    user = server.user()
    count = {"format": "openai.chat", "count_tokens": lambda text: 3 * text.count("w")}
    read_all(server.address, opening(user), words(100), "threads", **count)
    server.until_charged(user, PROMPT + 300 * OUTPUT)


def test_reads_chunks_of_a_providers_own(server):
    user = server.user()
    own = {"read": lambda each: ChunkFacts(text=each)}
    chunks, _end, _error = read_all(server.address, opening(user), ["four", "and four"], "threads", **own)
    assert chunks == ["four", "and four"]
    server.until_charged(user, PROMPT + 3 * OUTPUT)


def test_goes_on_when_the_provider_said_how_long_the_answer_may_be(server):
    user = server.user()
    open_ = opening(user, max_output_tokens=100)
    chunks, end, _error = read_all(server.address, open_, words(150, usage=150), "threads", format="openai.chat")
    assert (len(chunks), end.stopped_by) == (151, None)
    server.until_charged(user, PROMPT + 150 * OUTPUT)


def test_a_break_settles_what_was_delivered(server):
    user = server.user()
    with Tollgate(server.address) as client:
        for at, _chunk in enumerate(client.meter_stream(opening(user), lambda: words(1_000), format="openai.chat"), 1):
            if at == 100:
                break
        server.until_charged(user, PROMPT + 100 * OUTPUT)


def test_a_stream_that_is_stopped_from_another_thread_settles_though_the_provider_hangs(server):
    user = server.user()
    hangs = threading.Event()

    def source():
        yield from words(100)
        hangs.wait(20)

    with Tollgate(server.address) as client:
        stream = client.meter_stream(opening(user), source, format="openai.chat")
        reader = threading.Thread(target=lambda: list(stream))
        reader.start()
        time.sleep(1)
        stream.stop()
        server.until_charged(user, PROMPT + 100 * OUTPUT)
        hangs.set()
        reader.join()
        assert stream.ended().stopped_by == "ABORTED"


def test_a_cancelled_task_settles_what_was_delivered(server):
    """Where it waits for the provider, and where it is busy with a chunk."""
    waiting, busy = server.user(), server.user()

    async def hanging():
        for each in words(100):
            yield each
        await asyncio.sleep(60)

    async def read(client, user, is_busy):
        async for _chunk in client.meter_stream(opening(user), hanging, format="openai.chat"):
            if is_busy and client.seen == 50:
                await asyncio.sleep(60)
            client.seen += 1

    async def cancel(client):
        for user, is_busy in ((waiting, False), (busy, True)):
            client.seen = 1
            task = asyncio.ensure_future(read(client, user, is_busy))
            await asyncio.sleep(1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        while server.charges(waiting) == [] or server.charges(busy) == []:
            await asyncio.sleep(0.1)

    run(cancel, server.address)
    server.until_charged(waiting, PROMPT + 100 * OUTPUT)
    server.until_charged(busy, PROMPT + 50 * OUTPUT)


def test_a_cancelled_task_stops_the_provider(server):
    closed = []

    async def source():
        try:
            for each in words(1_000):
                yield each
                await asyncio.sleep(0.01)
        finally:
            closed.append(True)

    async def read(client):
        async for _chunk in client.meter_stream(opening(server.user()), source, format="openai.chat"):
            pass

    async def cancel(client):
        task = asyncio.ensure_future(read(client))
        await asyncio.sleep(0.5)
        task.cancel()
        await asyncio.wait({task})
        await asyncio.sleep(0.2)

    run(cancel, server.address)
    assert closed == [True]


def test_a_stream_that_nobody_refers_to_any_more_is_settled(server):
    user = server.user()

    async def lose(client):
        stream = client.meter_stream(opening(user), lambda: spoken(words(1_000)), format="openai.chat")
        for _ in range(10):
            await anext(stream)
        del stream
        gc.collect()
        while server.charges(user) == []:
            await asyncio.sleep(0.1)

    run(lose, server.address)
    server.until_charged(user, PROMPT + 10 * OUTPUT)


def test_waiting_with_a_time_out_for_each_chunk_reads_the_whole_stream(server):
    """On Python 3.10 and 3.11, asyncio.wait_for reads each chunk in a task of its own."""
    user = server.user()

    async def read(client):
        stream = client.meter_stream(opening(user), lambda: spoken(words(100)), format="openai.chat")
        count = 0
        try:
            while await asyncio.wait_for(anext(stream), 5):
                count += 1
        except StopAsyncIteration:
            return count

    assert run(read, server.address) == 100
    server.until_charged(user, PROMPT + 100 * OUTPUT)


def test_closing_the_client_settles_what_is_open(server):
    user, other = server.user(), server.user()

    async def leave_open():
        client = AsyncTollgate(server.address)
        stream = client.meter_stream(opening(user), lambda: spoken(words(100)), format="openai.chat")
        for _ in range(20):
            await anext(stream)
        await client.close()
        return stream

    asyncio.run(leave_open())
    client = Tollgate(server.address)
    stream = iter(client.meter_stream(opening(other), lambda: words(100), format="openai.chat"))
    for _ in range(30):
        next(stream)
    client.close()
    server.until_charged(user, PROMPT + 20 * OUTPUT)
    server.until_charged(other, PROMPT + 30 * OUTPUT)


def test_a_connection_that_breaks_costs_nothing_and_loses_nothing(server, way):
    user = server.user()

    def source():
        for at, each in enumerate(words(2_000, usage=2_000)):
            if at in (500, 1_500):
                way.cut()
                way.restore()
            yield each

    chunks, end, error = read_all(way.address, opening(user), source(), "threads", format="openai.chat")
    assert (len(chunks), error, end.stopped_by) == (2_001, None, None)
    server.until_charged(user, PROMPT + 2_000 * OUTPUT)


def test_a_connection_that_hangs_is_noticed(server, way):
    user = server.user()

    def source():
        yield from words(500)
        way.hang()
        yield from words(500, pause_s=0.02)

    chunks, end, error = read_all(way.address, opening(user), source(), "threads", format="openai.chat")
    assert (len(chunks), error, end.stopped_by) == (1_000, None, None)
    server.until_charged(user, PROMPT + 1_000 * OUTPUT, timeout_s=30)


def test_a_stream_taken_over_by_another_connection_is_left_to_it(server):
    user = server.user()

    async def take_over(client):
        async with AsyncTollgate(server.address) as other:
            first = client.meter_stream(opening(user), lambda: spoken(words(3_000), 0.001), format="openai.chat")
            for _ in range(10):
                await anext(first)
            session = other.open_session(opening(user))
            while session.grant is None:
                await session.change(1)
            rest = [each async for each in first]
            with pytest.raises(TollgateError) as failed:
                await first.ended()
            session.abandon()
            return len(rest), failed.value.reason

    rest, reason = run(take_over, server.address)
    assert rest < 2_990 and reason == "STREAM_FENCED"


def test_a_silent_provider_keeps_its_hold(tmp_path):
    short = {"VALIDITY": "2", "SWEEP": "1", "RECORD": "1"}
    server = Server(tmp_path, **{f"TOLLGATE_STREAM_{name}_SECONDS": value for name, value in short.items()})
    try:
        user = server.user()

        def source():
            yield from words(10)
            time.sleep(6)
            yield from words(10, usage=20)

        chunks, end, error = read_all(server.address, opening(user), source(), "threads", format="openai.chat")
        assert (len(chunks), error, end.stopped_by) == (21, None, None)
        server.until_charged(user, PROMPT + 20 * OUTPUT)
    finally:
        server.stop()


def test_a_key_names_one_generation(server):
    user = server.user()
    read_all(server.address, opening(user), words(10), "threads", format="openai.chat")
    chunks, _end, error = read_all(server.address, opening(user), words(10), "threads", format="openai.chat")
    assert (chunks, error.reason) == ([], "ALREADY_EXISTS")
    server.until_charged(user, PROMPT + 10 * OUTPUT)
