"""Makes every call that a gateway makes, on a user of its own: `python examples/python/try_it.py [address]`.

TOLLGATE_TOKEN: a token with the admin scope, where the server asks for one. Exits with 1 where something is not as promised.
"""

import json
import os
import sys
import uuid

from tollgate.billing.v1 import admin_services_pb2 as admin
from tollgate.billing.v1 import billing_service_pb2 as billing
from tollgate.billing.v1 import types_pb2 as types
from tollgate_client import MeteredStream, Tollgate, TollgateError

MODEL, PROVIDER = os.environ.get("MODEL", "gpt-4o"), "openai"


def main(address: str) -> None:
    tollgate = Tollgate(address, os.environ.get("TOLLGATE_TOKEN"))
    user = f"python-{uuid.uuid4()}"
    call = {"user_id": user, "model": MODEL, "provider": PROVIDER}
    tollgate.call(tollgate.users.CreateUser, admin.CreateUserRequest(user_id=user))
    grant = admin.GrantCreditsRequest(
        user_id=user, idempotency_key="order-1", pot=admin.POT_CREDITS, amount_nanousd=1_000_000_000
    )
    tollgate.call(tollgate.users.GrantCredits, grant)

    quote = tollgate.price_quote(**call, usage=types.Usage(input_tokens=1200), max_output_tokens=300)
    say("PriceQuote", f"at most {dollars(quote.max_cost_nanousd)}, affordable: {quote.affordable}")

    openai_usage = {"prompt_tokens": 1200, "completion_tokens": 300, "prompt_tokens_details": {"cached_tokens": 1000}}
    finished = {
        **call,
        "idempotency_key": str(uuid.uuid4()),
        "quote_id": quote.quote_id,
        "provider_usage": types.ProviderUsage(format="openai.chat", json=json.dumps(openai_usage)),
    }
    charged = tollgate.charge_usage(**finished)
    say("ChargeUsage", f"{dollars(charged.charge.amount_nanousd)}, {charged.charge.usage.cache_read_input_tokens} cached")
    again = tollgate.charge_usage(**finished)
    say("the same again", f"replayed: {again.replayed}")
    expect(again.replayed and again.charge == charged.charge, "the same receipt")

    opening = billing.StreamOpen(**call, idempotency_key=str(uuid.uuid4()), input_tokens=100, max_output_tokens=5000)
    stream = MeteredStream(tollgate, opening, chunks=lambda: words(5000))
    said = sum(1 for _ in stream)
    say("StreamSettle", f"{said} words, {dollars(stream.settled.charge.amount_nanousd)}")
    expect(said == stream.settled.charge.usage.output_tokens == 5000, "every word charged")

    poor = f"{user}-poor"
    tollgate.call(tollgate.users.CreateUser, admin.CreateUserRequest(user_id=poor))
    try:
        tollgate.charge_usage(**{**finished, "user_id": poor, "quote_id": ""})
        expect(False, "a refusal")
    except TollgateError as error:
        say("without credits", error.reason)
        expect(error.reason == "INSUFFICIENT_CREDITS", "INSUFFICIENT_CREDITS")

    shown = tollgate.call(tollgate.users.GetUser, admin.GetUserRequest(user_id=user)).user
    spent = charged.charge.amount_nanousd + stream.settled.charge.amount_nanousd
    say("left", dollars(shown.balance.credits_nanousd))
    expect(shown.balance.credits_nanousd == 1_000_000_000 - spent, "a balance less what was charged")
    tollgate.close()


def words(count: int):
    """A provider's stream, as a gateway would read it: each chunk, and how many tokens there were so far."""
    for at in range(1, count + 1):
        yield f"word {at}", at


def dollars(nanousd: int) -> str:
    """Never through a float: a cent must not be lost on the way to a person."""
    return f"${nanousd // 1_000_000_000}.{nanousd % 1_000_000_000:09d}"


def say(what: str, outcome: str) -> None:
    print(f"{what:16} {outcome}")


def expect(is_so: bool, what: str) -> None:
    if not is_so:
        sys.exit(f"expected {what}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051")
