"""A fake provider on the wires of OpenAI and Anthropic: `python upstream.py <port>`.

The model's name says how it behaves. `/calls` has how often each was called, and how many chunks each sent.
"""

import asyncio
import json
import sys
from collections import Counter
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, StreamingResponse

app = FastAPI()
calls: Counter[str] = Counter()
sent: Counter[str] = Counter()

CHAT_USAGE = {"prompt_tokens": 10, "completion_tokens": 20, "total_tokens": 30}
TOOL_CALL = {"name": "weather", "arguments": '{"city": "Bern"}'}
CLAUDE_USAGE = {
    "input_tokens": 12,
    "output_tokens": 15,
    "cache_read_input_tokens": 100,
    "cache_creation_input_tokens": 30,
    "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
}


@app.get("/calls")
async def called() -> Any:
    return {"calls": calls, "sent": sent}


@app.post("/v1/chat/completions")
async def chat(request: Request) -> Any:
    body = await request.json()
    model = body["model"]
    calls[model] += 1
    if model == "up-fail" or (model == "up-flaky" and calls[model] % 2 == 1):
        return JSONResponse({"error": {"message": "the provider failed", "type": "server_error"}}, 500)
    if not body.get("stream"):
        if model == "up-slow":
            await asyncio.sleep(1)
        message: dict[str, Any] = {"role": "assistant", "content": "hello"}
        if body.get("tools"):
            message = {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "t", "type": "function", "function": TOOL_CALL}],
            }
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {**_chat_head(model, "chat.completion"), "choices": [choice], "usage": CHAT_USAGE}
    asks = (body.get("stream_options") or {}).get("include_usage")
    return StreamingResponse(_chat_stream(model, bool(body.get("tools")), asks), media_type="text/event-stream")


def _chat_head(model: str, kind: str) -> dict[str, Any]:
    return {"id": "c", "object": kind, "created": 1, "model": model}


async def _chat_stream(model: str, has_tools: bool, asks_usage: bool) -> Any:
    def event(delta: dict[str, Any], finish: str | None = None, usage: Any = None) -> str:
        head = _chat_head(model, "chat.completion.chunk")
        choices = [] if usage else [{"index": 0, "delta": delta, "finish_reason": finish}]
        return "data: " + json.dumps({**head, "choices": choices, **({"usage": usage} if usage else {})}) + "\n\n"

    if has_tools:
        yield event({"tool_calls": [{"index": 0, "id": "t", "type": "function", "function": TOOL_CALL}]})
    else:
        for at in range(3_000 if model in ("up-long", "up-broken") else 20):
            if model == "up-broken" and at == 50:
                yield 'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n'
                return
            sent[model] += 1
            yield event({"content": "w "})
            if model == "up-long":
                await asyncio.sleep(0.005)
    yield event({}, "stop")
    if asks_usage:
        yield event({}, usage=CHAT_USAGE)
    yield "data: [DONE]\n\n"


@app.post("/v1/embeddings")
async def embeddings(request: Request) -> Any:
    body = await request.json()
    calls[body["model"]] += 1
    data = [{"object": "embedding", "index": 0, "embedding": [0.1]}]
    return {"object": "list", "data": data, "model": body["model"], "usage": {"prompt_tokens": 8, "total_tokens": 8}}


@app.post("/v1/responses")
async def responses(request: Request) -> Any:
    body = await request.json()
    calls[body["model"]] += 1
    text = {"type": "output_text", "text": "hello", "annotations": []}
    output = [{"type": "message", "id": "m", "status": "completed", "role": "assistant", "content": [text]}]
    return {
        **{"id": "r", "object": "response", "created_at": 1, "status": "completed", "model": body["model"]},
        **{"output": output, "parallel_tool_calls": True, "tool_choice": "auto", "tools": [], "metadata": {}},
        **{"error": None, "incomplete_details": None, "instructions": None, "temperature": 1, "top_p": 1},
        "usage": {
            **{"input_tokens": 10, "output_tokens": 20, "total_tokens": 30},
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens_details": {"reasoning_tokens": 0},
        },
    }


@app.post("/v1/messages")
async def messages(request: Request) -> Any:
    body = await request.json()
    model = body["model"]
    calls[model] += 1
    message = {"id": "m", "type": "message", "role": "assistant", "model": model, "stop_sequence": None}
    if not body.get("stream"):
        content = [{"type": "text", "text": "hello"}]
        return {**message, "content": content, "stop_reason": "end_turn", "usage": CLAUDE_USAGE}

    async def stream() -> Any:
        def event(kind: str, **fields: Any) -> str:
            return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"

        start = {**message, "content": [], "stop_reason": None, "usage": {**CLAUDE_USAGE, "output_tokens": 1}}
        yield event("message_start", message=start)
        yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for _ in range(14):
            yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": "w "})
        yield event("content_block_stop", index=0)
        yield event("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": 15})
        yield event("message_stop")

    return StreamingResponse(stream(), media_type="text/event-stream")


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
