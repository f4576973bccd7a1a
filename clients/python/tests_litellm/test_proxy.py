"""The plug-in in the real LiteLLM proxy, asked by the real SDKs: what is on the ledger, once.

`npm run test:litellm` runs it with each release that docs/litellm.md names. Its table is written from
the cases here: `--report <file>`.
"""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import anthropic
import httpx
import openai
import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

from support import Server, free_port, until

from tollgate.billing.v1 import admin_services_pb2 as admin
from tollgate.billing.v1 import billing_service_pb2 as billing
from tollgate.billing.v1 import types_pb2 as types

# In nano-dollars a token.
PRICES = {
    ("openai", "up"): {"INPUT": 1_000, "OUTPUT": 10_000},
    ("openai", "up-other"): {"INPUT": 2_000, "OUTPUT": 20_000},
    ("openai", "up-emb"): {"INPUT": 20},
    ("anthropic", "up-claude"): {
        **{"INPUT": 3_000, "OUTPUT": 15_000, "CACHE_READ_INPUT": 300},
        **{"CACHE_CREATION_INPUT": 3_750, "CACHE_CREATION_1H_INPUT": 6_000},
    },
}
for name in ("up-fail", "up-flaky", "up-long", "up-broken", "up-slow"):
    PRICES["openai", name] = PRICES["openai", "up"]

CHAT = 10 * 1_000 + 20 * 10_000
OTHER = 10 * 2_000 + 20 * 20_000
CLAUDE = 12 * 3_000 + 100 * 300 + 10 * 3_750 + 20 * 6_000 + 15 * 15_000
HELLO = [{"role": "user", "content": "hello"}]
TOOLS = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}]


class Proxy:
    """The upstream, tollgate and the proxy, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.server = Server(folder)
        self._put_prices()
        self.upstream = f"http://127.0.0.1:{free_port()}"
        self.url = f"http://127.0.0.1:{free_port()}"
        self.log = folder / "proxy.log"
        self.store = folder / "store"
        (folder / "config.yaml").write_text(json.dumps(self._config()))
        (folder / "proxy_auth.py").write_text((HERE / "proxy_auth.py").read_text())
        port = self.url.rsplit(":", 1)[1]
        command = [Path(sys.executable).with_name("litellm"), "--config", folder / "config.yaml", "--port", port]
        self._processes = [
            subprocess.Popen([sys.executable, HERE / "upstream.py", self.upstream.rsplit(":", 1)[1]]),
            subprocess.Popen(
                [str(part) for part in command],
                env={
                    **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
                    "LITELLM_MASTER_KEY": f"sk-{secrets.token_hex(24)}",
                    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
                },
                stdout=self.log.open("w"),
                stderr=subprocess.STDOUT,
            ),
        ]
        try:
            for url in (f"{self.upstream}/calls", f"{self.url}/health/liveliness"):
                until(lambda url=url: _answers(url), 180, lambda: self.log.read_text()[-3_000:])
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait()
        print(self.log.read_text())
        self.server.stop()

    def openai(self, user: str, **settings) -> openai.OpenAI:
        return openai.OpenAI(base_url=f"{self.url}/v1", api_key=user, max_retries=0, **settings)

    def anthropic(self, user: str) -> anthropic.Anthropic:
        return anthropic.Anthropic(base_url=self.url, api_key=user, max_retries=0)

    def calls(self, model: str) -> int:
        return httpx.get(f"{self.upstream}/calls").json()["calls"].get(model, 0)

    def sent(self, model: str) -> int:
        return httpx.get(f"{self.upstream}/calls").json()["sent"].get(model, 0)

    def charges(self, user: str) -> list[billing.Charge]:
        """Charges that are not of nothing."""
        request = admin.ListLedgerEntriesRequest(user_id=user, page_size=1_000)
        entries = self.server.admin.list_ledger_entries(request).entries
        return [entry.charge for entry in entries if entry.HasField("charge") and entry.charge.amount_nanousd]

    def until_charged(self, user: str, *amounts: int) -> None:
        """These, no others a while later, and nothing is held."""
        def is_so() -> bool:
            amounts_now = sorted(charge.amount_nanousd for charge in self.charges(user))
            return amounts_now == sorted(amounts) and self.server.held(user) == 0

        until(is_so, 20, lambda: f"charged {[each.amount_nanousd for each in self.charges(user)]}, expected {amounts}, held {self.server.held(user)}")
        time.sleep(0.3)
        assert is_so()

    def _put_prices(self) -> None:
        for (provider, model), rates in PRICES.items():
            card = types.RateCard(
                rates=[
                    types.Rate(meter=f"METER_{meter}_TOKENS", price_nanousd=price * 1_000_000, per=1_000_000)
                    for meter, price in rates.items()
                ]
            )
            request = admin.PutPriceRequest(model=model, provider=provider, rate_cards=[card])
            self.server.admin.put_price(request)

    def _config(self) -> dict:
        def deployment(group: str, model: str) -> dict:
            base = self.upstream if model.startswith("anthropic") else f"{self.upstream}/v1"
            return {"model_name": group, "litellm_params": {"model": model, "api_base": base, "api_key": "x"}}

        groups = {name: f"openai/{name}" for provider, name in PRICES if provider == "openai"}
        groups |= {"claude": "anthropic/up-claude", "unpriced": "openai/up-unpriced"}
        return {
            "model_list": [deployment(group, model) for group, model in groups.items()],
            "router_settings": {"fallbacks": [{"up-fail": ["up-other"]}], "num_retries": 1},
            "litellm_settings": {
                "callbacks": "tollgate.litellm.plugin",
                "cache": True,
                "cache_params": {"type": "local", "mode": "default_off"},
            },
            "general_settings": {"custom_auth": "proxy_auth.user_of_key"},
            "environment_variables": {
                "TOLLGATE_ADDRESS": self.server.address,
                "TOLLGATE_STORE_DIR": str(self.store),
            },
        }


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def proxy(tmp_path_factory) -> Iterator[Proxy]:
    started = Proxy(tmp_path_factory.mktemp("proxy"))
    yield started
    started.stop()


@pytest.fixture
def user(proxy) -> str:
    return proxy.server.user()


def ask(client, model="up", **fields):
    return client.chat.completions.create(model=model, messages=HELLO, **fields)


def test_plain(proxy, user):
    assert ask(proxy.openai(user)).usage.completion_tokens == 20
    proxy.until_charged(user, CHAT)


def test_streamed_and_the_usage_reaches_only_a_caller_who_asked(proxy, user):
    chunks = list(ask(proxy.openai(user), stream=True))
    assert "".join(each.choices[0].delta.content or "" for each in chunks if each.choices) == "w " * 20
    assert not any(each.usage for each in chunks)
    chunks = list(ask(proxy.openai(user), stream=True, stream_options={"include_usage": True}))
    assert [each.usage.completion_tokens for each in chunks if each.usage] == [20]
    proxy.until_charged(user, CHAT, CHAT)


def test_tools(proxy, user):
    client = proxy.openai(user)
    assert ask(client, tools=TOOLS).choices[0].message.tool_calls[0].function.name == "weather"
    list(ask(client, tools=TOOLS, stream=True))
    proxy.until_charged(user, CHAT, CHAT)


def test_responses(proxy, user):
    assert proxy.openai(user).responses.create(model="up", input="hello").output_text == "hello"
    proxy.until_charged(user, CHAT)


def test_anthropic_plain_and_streamed(proxy, user):
    client = proxy.anthropic(user)
    client.messages.create(model="claude", max_tokens=50, messages=HELLO)
    with client.messages.stream(model="claude", max_tokens=50, messages=HELLO) as stream:
        assert "".join(stream.text_stream) == "w " * 14
    proxy.until_charged(user, CLAUDE, CLAUDE)


def test_claude_through_the_openai_sdk(proxy, user):
    """LiteLLM's own usage: with what was written to the cache for an hour."""
    client = proxy.openai(user)
    ask(client, "claude", max_tokens=50)
    list(ask(client, "claude", max_tokens=50, stream=True))
    proxy.until_charged(user, CLAUDE, CLAUDE)


def test_embeddings(proxy, user):
    proxy.openai(user).embeddings.create(model="up-emb", input="hello")
    proxy.until_charged(user, 8 * 20)


def test_a_fallback_is_charged_at_the_model_that_answered(proxy, user):
    client = proxy.openai(user)
    ask(client, "up-fail")
    list(ask(client, "up-fail", stream=True))
    proxy.until_charged(user, OTHER, OTHER)


def test_a_retry_is_charged_once(proxy, user):
    before = proxy.calls("up-flaky")
    ask(proxy.openai(user), "up-flaky")
    assert proxy.calls("up-flaky") - before == 2
    proxy.until_charged(user, CHAT)


def test_a_cache_hit_is_free(proxy, user):
    client, cached = proxy.openai(user), {"extra_body": {"cache": {"use-cache": True}}}
    for stream in (False, True):
        before = proxy.calls("up")
        for _ in range(2):
            message = [{"role": "user", "content": f"cached {user} {stream}"}]
            answer = client.chat.completions.create(model="up", messages=message, stream=stream, **cached)
            if stream:
                list(answer)
            time.sleep(1)
        assert proxy.calls("up") - before == 1
    proxy.until_charged(user, CHAT, CHAT)


def test_a_provider_that_fails_costs_nothing(proxy, user):
    before = proxy.calls("up-broken")
    with pytest.raises(openai.APIStatusError):
        ask(proxy.openai(user), "up-fail", extra_body={"disable_fallbacks": True})
    proxy.until_charged(user)
    assert proxy.calls("up-broken") == before


def test_a_provider_that_fails_in_mid_stream_is_charged_as_far_as_it_came(proxy, user):
    read = 0
    with pytest.raises(openai.APIError):
        for each in ask(proxy.openai(user), "up-broken", stream=True):
            read += bool(each.choices and each.choices[0].delta.content)
    until(lambda: len(proxy.charges(user)) == 1, 20, lambda: "it is not charged")
    [charge] = proxy.charges(user)
    assert charge.usage.output_tokens == read
    assert charge.amount_nanousd == charge.usage.input_tokens * 1_000 + read * 10_000
    proxy.until_charged(user, charge.amount_nanousd)


def test_a_caller_who_hangs_up_is_charged_what_was_delivered(proxy, user):
    before, read = proxy.sent("up-long"), 0
    for each in (stream := ask(proxy.openai(user), "up-long", stream=True)):
        read += bool(each.choices and each.choices[0].delta.content)
        if read == 100:
            break
    stream.close()
    until(lambda: len(proxy.charges(user)) == 1, 30, lambda: "it is not charged")
    [charge] = proxy.charges(user)
    assert read <= charge.usage.output_tokens <= proxy.sent("up-long") - before < 2_000
    assert charge.amount_nanousd == charge.usage.input_tokens * 1_000 + charge.usage.output_tokens * 10_000
    proxy.until_charged(user, charge.amount_nanousd)


def test_a_balance_that_runs_dry_in_mid_stream_stops_the_provider(proxy):
    user = proxy.server.user(2_000 + 1_500 * 10_000)
    before, read = proxy.sent("up-long"), 0
    with pytest.raises(openai.APIError, match="used up"):
        for each in ask(proxy.openai(user), "up-long", stream=True):
            read += bool(each.choices and each.choices[0].delta.content)
    assert 1_490 <= read <= 1_500
    until(lambda: len(proxy.charges(user)) == 1, 20, lambda: "it is not charged")
    [charge] = proxy.charges(user)
    assert charge.usage.output_tokens == read
    assert proxy.sent("up-long") - before < 2_000
    proxy.until_charged(user, charge.amount_nanousd)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("who", "model", "status"),
    [("poor", "up", 402), ("unknown", "up", 403), ("rich", "unpriced", 404)],
)
def test_what_nobody_can_pay_is_refused_before_the_provider_is_called(proxy, who, model, status, stream):
    user = {"poor": lambda: proxy.server.user(1), "rich": proxy.server.user, "unknown": lambda: uuid.uuid4().hex}[who]()
    before = proxy.calls(model), proxy.calls("up-unpriced")
    with pytest.raises(openai.APIStatusError) as refused:
        ask(proxy.openai(user), model, stream=stream)
    assert refused.value.status_code == status
    assert proxy.server.address not in refused.value.response.text
    assert (proxy.calls(model), proxy.calls("up-unpriced")) == before


def test_of_five_calls_on_a_balance_for_one_one_is_made(proxy):
    user = proxy.server.user(100_000 + 100 * 10_000)
    before = proxy.calls("up-slow")

    async def call(client) -> int:
        try:
            await client.chat.completions.create(model="up-slow", messages=HELLO, max_tokens=100)
            return 200
        except openai.APIStatusError as error:
            return error.status_code

    async def five() -> list[int]:
        async with openai.AsyncOpenAI(base_url=f"{proxy.url}/v1", api_key=user, max_retries=0) as client:
            return await asyncio.gather(*(call(client) for _ in range(5)))

    assert sorted(asyncio.run(five())) == [200, 402, 402, 402, 402]
    assert proxy.calls("up-slow") - before == 1
    proxy.until_charged(user, CHAT)


def test_a_caller_cannot_choose_the_key(proxy, user):
    headers = {"x-litellm-call-id": "mine", "x-litellm-trace-id": "mine", "x-litellm-session-id": "mine"}
    for _ in range(2):
        ask(proxy.openai(user, default_headers=headers), extra_body={"litellm_call_id": "mine"})
    proxy.until_charged(user, CHAT, CHAT)


def test_a_route_that_is_not_metered_is_refused(proxy, user):
    with pytest.raises(openai.APIStatusError) as refused:
        proxy.openai(user).images.generate(model="up", prompt="a cat")
    assert refused.value.status_code == 403


def test_while_tollgate_is_down_known_users_go_on_and_strangers_do_not(proxy, user):
    stranger = proxy.server.user()
    ask(proxy.openai(user))
    proxy.until_charged(user, CHAT)
    proxy.server.kill()
    try:
        ask(proxy.openai(user))
        list(ask(proxy.openai(user), stream=True))
        with pytest.raises(openai.APIStatusError) as refused:
            ask(proxy.openai(stranger))
        assert refused.value.status_code == 503
        until(lambda: len(list(proxy.store.glob("*.json"))) == 2, 30, lambda: "nothing is kept")
    finally:
        proxy.server.start()
    until(lambda: list(proxy.store.glob("*.json")) == [], 60, lambda: "it is not delivered")
    proxy.until_charged(user, CHAT, CHAT, CHAT)
    proxy.until_charged(stranger)
