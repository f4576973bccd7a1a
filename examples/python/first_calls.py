"""A charge, a stream and a hold, on a user of its own: `python examples/python/first_calls.py [address]`.

TOLLGATE_TOKEN: a token with the admin scope, where the server asks for one. A gateway needs the scope
`gateway` alone; creating users is for operators.
"""

import os
import sys
import tempfile
import uuid
from collections.abc import Iterator

from tollgate import ChargeUsageRequest, ProviderUsage, Store, StreamOpen, Tollgate, TollgateError
from tollgate.billing.v1 import admin_services_pb2 as admin

MODEL, PROVIDER = "gpt-4o", "openai"


def main(address: str) -> None:
    # A gateway takes a folder on a disk that lasts.
    store = Store(tempfile.mkdtemp(prefix="tollgate-"))
    with Tollgate(address, token=os.environ.get("TOLLGATE_TOKEN"), store=store) as tollgate:
        user = f"python-{uuid.uuid4()}"
        tollgate.create_user(admin.CreateUserRequest(user_id=user))
        grant = admin.GrantCreditsRequest(
            user_id=user, idempotency_key="order-1", pot=admin.POT_CREDITS, amount_nanousd=1_000_000_000
        )
        tollgate.grant_credits(grant)

        charged = tollgate.charge(
            ChargeUsageRequest(
                idempotency_key=str(uuid.uuid4()),
                user_id=user,
                model=MODEL,
                provider=PROVIDER,
                provider_usage=ProviderUsage(
                    format="openai.chat", json='{"prompt_tokens": 1200, "completion_tokens": 300}'
                ),
            )
        )
        print("charge", dollars(charged.charge.amount_nanousd) if charged else "kept")

        stream = tollgate.meter_stream(opening(user, 5_000), provider_stream, format="openai.chat")
        words = sum(1 for _ in stream)
        end = stream.ended()
        print("stream", words, "chunks,", dollars(end.charge.amount_nanousd) if end.charge else "kept")

        with tollgate.hold(opening(user, 500), format="openai.chat") as hold:
            # A provider's client goes here.
            hold.used({"usage": {"prompt_tokens": 100, "completion_tokens": 20}})
        end = hold.ended()
        print("hold", dollars(end.charge.amount_nanousd) if end.charge else "kept")

        try:
            with tollgate.hold(opening(user, 10_000_000), format="openai.chat"):
                print("this is not reached: the user can't pay for ten million tokens")
        except TollgateError as error:
            print("hold", error.reason)


def opening(user: str, max_output_tokens: int) -> StreamOpen:
    return StreamOpen(
        idempotency_key=str(uuid.uuid4()),
        user_id=user,
        model=MODEL,
        provider=PROVIDER,
        input_tokens=100,
        max_output_tokens=max_output_tokens,
    )


def provider_stream() -> Iterator[dict[str, object]]:
    """What a provider's client would give: chunks, and the usage at the end."""
    for at in range(1_000):
        yield {"choices": [{"delta": {"content": f"word{at} "}}]}
    yield {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 2_000}}


def dollars(nanousd: int) -> str:
    """Never through a float: a cent must not be lost on the way to a person."""
    return f"${nanousd // 1_000_000_000}.{nanousd % 1_000_000_000:09d}"


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051")
