"""When a call was first charged, for callers who don't say when it was made."""

from collections import OrderedDict

from google.protobuf.timestamp_pb2 import Timestamp

_CALLS_MAX = 10_000


class FirstTimes:
    """The same call again must be the same request, so it gets the time of the first attempt."""

    def __init__(self) -> None:
        self._times: OrderedDict[tuple[str, str], Timestamp] = OrderedDict()

    def first(self, user_id: str, idempotency_key: str) -> Timestamp:
        key = (user_id, idempotency_key)
        if key not in self._times:
            now = Timestamp()
            now.GetCurrentTime()
            self._times[key] = now
            if len(self._times) > _CALLS_MAX:
                self._times.popitem(last=False)
        return self._times[key]
