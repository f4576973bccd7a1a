"""Meters a generation of 2,000 words for a user: `metering.py <address> <user> [--pause | --break | --fail | …]`.

`--pause`: half-way it prints `half` and waits for a line. `--break`: the reader leaves there. `--fail`: the provider does.
`--think`: the provider says nothing for five seconds there. `--hang`: it says nothing more, and is left after one second.
`--count`: at the end, the provider says that it were 5,000. `--many`: it says 50,000 words, as fast as they are taken. Prints
what came of it as JSON.
"""

import json
import sys
import threading
import time

import tollgate_client

from tollgate.billing.v1 import billing_service_pb2 as billing
from tollgate.billing.v1 import types_pb2 as types
from tollgate_client import MeteredStream, Tollgate, TollgateError

address, user, *options = sys.argv[1:]
WORDS, HALF = (50_000 if "--many" in options else 2_000), 1_000


def words():
    for at in range(1, WORDS + 1):
        if at == HALF and "--fail" in options:
            raise RuntimeError("the provider failed")
        if at == HALF and "--think" in options:
            time.sleep(5)
        if at == HALF and "--hang" in options:
            threading.Event().wait()
        yield at, at
    if "--count" in options:
        usage = {"prompt_tokens": 10, "completion_tokens": 5_000}
        stream.provider_usage = types.ProviderUsage(format="openai.chat", json=json.dumps(usage))
        yield "usage", 5_000


def deliver(stream):
    for word in stream:
        delivered.append(word)
        if word == HALF and "--break" in options:
            break
        if word == HALF and "--pause" in options:
            print("half", flush=True)
            sys.stdin.readline()


class CountedSession(tollgate_client._Session):
    reports = 0

    def _progress(self):
        CountedSession.reports += 1
        return super()._progress()


tollgate_client._Session = CountedSession
delivered = []
if "--hang" in options:
    tollgate_client.PROVIDER_WAIT_S = 1.0
most = 10_000 if "--count" in options else WORDS
opening = billing.StreamOpen(user_id=user, idempotency_key="stream-1", model="test-model", input_tokens=10, max_output_tokens=most)
tollgate = Tollgate(address)
stream = MeteredStream(tollgate, opening, words)
error = ""
try:
    deliver(stream)
except TollgateError as refusal:
    error = refusal.reason
except (RuntimeError, TimeoutError) as failure:
    error = str(failure)
# A reader that leaves does so when its iterator goes.
amount = stream.settled.charge.amount_nanousd if stream.settled else None
outcome = {"delivered": len(delivered), "amount": amount, "stopped_by": stream.stopped_by, "error": error}
print(json.dumps({**outcome, "reports": CountedSession.reports}))
tollgate.close()
