"""Charges one call: `charging.py <address>`. Prints what it cost."""

import sys

from tollgate.billing.v1 import types_pb2 as types
from tollgate_client import Tollgate

tollgate = Tollgate(sys.argv[1])
usage = types.Usage(input_tokens=1)
charged = tollgate.charge_usage(idempotency_key="call-1", user_id="ada", model="test-model", usage=usage)
print(charged.charge.amount_nanousd)
tollgate.close()
