import type { Client, ClientDuplexStream, Metadata, ServiceError } from '@grpc/grpc-js'
import { services } from '../../../src/wire/definition'
import type { StreamClose } from '../../../src/wire/generated/tollgate/billing/v1/StreamClose'
import type { StreamOpen } from '../../../src/wire/generated/tollgate/billing/v1/StreamOpen'
import type { StreamProgress } from '../../../src/wire/generated/tollgate/billing/v1/StreamProgress'
import type { StreamSettleRequest } from '../../../src/wire/generated/tollgate/billing/v1/StreamSettleRequest'
import type { StreamSettleResponse__Output } from '../../../src/wire/generated/tollgate/billing/v1/StreamSettleResponse'
import { errorOfCall } from './errors'
import { identity, ownRequest, serialised } from './serialise'

/** One StreamSettle connection: the methods send, `events` receives. */
export interface StreamSettleConnection {
  open(open: StreamOpen): void
  progress(progress: StreamProgress): void
  close(close: StreamClose): void
  /** Half-closes: without a `close`, the last report is settled. */
  end(): void
  /** Cuts the connection as a crash would: nothing is settled until the stream is resumed or expires. */
  cancel(): void
  /** Grants, acknowledgements and the settlement, in order; throws a TollgateError. To be iterated once. */
  events: AsyncIterable<StreamSettleResponse__Output>
}

export function openStreamSettle(client: Client, metadata: Metadata): StreamSettleConnection {
  const { path, requestSerialize, responseDeserialize } =
    services['tollgate.billing.v1.BillingService'].StreamSettle
  const call = client.makeBidiStreamRequest(path, identity, responseDeserialize, metadata)
  // Without a listener, an error would end the process if nothing iterates.
  let failure: ServiceError | undefined
  call.on('error', (error: ServiceError) => {
    failure = error
  })
  const send = (message: StreamSettleRequest) => {
    try {
      call.write(serialised(requestSerialize, ownRequest(message)))
    } catch (error) {
      call.cancel()
      throw error
    }
  }
  // If the server doesn't read, only the latest report waits: reports are totals, so it says everything.
  let latest: StreamProgress | undefined
  const sendLatest = () => {
    if (latest !== undefined) send({ progress: latest })
    latest = undefined
  }
  call.on('drain', sendLatest)
  return {
    open: (open) => send({ open }),
    progress: (progress) => {
      if (!call.writableNeedDrain) send({ progress })
      else if (latest === undefined || sequenceOf(progress) >= sequenceOf(latest)) latest = progress
    },
    close: (close) => {
      // A close without usage settles the last report, so it must not overtake the one that waits.
      if (close.usage == null && close.providerUsage == null) sendLatest()
      latest = undefined
      send({ close })
    },
    end: () => {
      // A half-close settles the last report, so it must not overtake the one that waits.
      sendLatest()
      call.end()
    },
    cancel: () => call.cancel(),
    events: eventsOf(call, () => failure),
  }
}

function sequenceOf({ sequence }: StreamProgress): bigint {
  return BigInt(String(sequence ?? 0))
}

async function* eventsOf(
  call: ClientDuplexStream<Buffer, StreamSettleResponse__Output>,
  failureOf: () => ServiceError | undefined,
): AsyncGenerator<StreamSettleResponse__Output> {
  try {
    for await (const event of call) yield event as StreamSettleResponse__Output
  } catch (error) {
    throw errorOfCall(error as ServiceError)
  }
  // A call that failed before anything iterated it looks as if it had ended well.
  const failure = failureOf()
  if (failure !== undefined) throw errorOfCall(failure)
}
