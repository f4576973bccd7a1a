import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MethodDefinition } from '@grpc/proto-loader'
import { grpcMessage } from '../../../bench/http2/frames'
import type { Scope } from '../../../src/rpc/server/scopes'
import { services } from '../../../src/wire/definition'
import { heavyRequests } from './heavyRequests'
import { aCharge, type Target, USER_ID } from './target'

/* Attacks by those who have a token. Each resolves to a number or a text that shows that it took place. */

const { ListLedgerEntries } = services['tollgate.billing.v1.UserService']
const { ListPrices } = services['tollgate.billing.v1.PriceService']
const { Reconcile } = services['tollgate.billing.v1.ReconciliationService']
const { BatchChargeUsage, ChargeUsage } = services['tollgate.billing.v1.BillingService']

const WINDOW_BYTES = 2 ** 24

async function session({ address }: Target, initialWindowSize = WINDOW_BYTES): Promise<ClientHttp2Session> {
  const opened = connect(`http://${address}`, { settings: { initialWindowSize } })
  opened.on('error', () => undefined)
  await new Promise((resolve) => opened.once('connect', resolve).once('error', resolve))
  if (!opened.destroyed) opened.setLocalWindowSize(WINDOW_BYTES)
  return opened
}

function call(
  of: ClientHttp2Session,
  { path, token }: { path: string; token: string },
  body: Buffer,
): ClientHttp2Stream {
  const stream = of.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: `Bearer ${token}`,
  })
  stream.on('error', () => undefined)
  stream.write(body)
  return stream
}

/** The status of a call that the client has ended; -1 = it has none. */
function statusOf(stream: ClientHttp2Stream): Promise<number> {
  return new Promise((resolve) => {
    const take = (headers: Record<string, unknown>) => {
      if (headers['grpc-status'] !== undefined) resolve(Number(headers['grpc-status']))
    }
    stream.on('response', take)
    stream.on('trailers', take)
    stream.on('close', () => resolve(-1))
    stream.resume()
    stream.end()
  })
}

function asked<Method extends MethodDefinition<object, object>>(
  { path, requestSerialize }: Method,
  request: object,
): { path: string; body: Buffer } {
  return { path, body: grpcMessage(requestSerialize(request)) }
}

/** Keeps `inFlight` calls in flight. Resolves to the number of answers, by status. */
async function flood(
  target: Target,
  scope: Scope,
  { inFlight, request }: { inFlight: number; request: () => { path: string; body: Buffer } },
): Promise<string> {
  const statuses: Record<number, number> = {}
  const of = await session(target)
  const timer = setTimeout(() => of.destroy(), target.untilMs - performance.now())
  const loop = async () => {
    while (!of.destroyed) {
      const { path, body } = request()
      const status = await statusOf(call(of, { path, token: target.tokens[scope] }, body))
      statuses[status] = (statuses[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
  clearTimeout(timer)
  return JSON.stringify(statuses)
}

/**
 * Calls on connections that take no data. The next call follows when the server has begun its answer, which stays unread.
 * Resolves to the number of answers that the server cut.
 */
async function unread(
  target: Target,
  scope: Scope,
  { inFlight, requests }: { inFlight: number; requests: readonly { path: string; body: Buffer }[] },
): Promise<number> {
  let cut = 0
  const loop = async (n: number) => {
    const of = await session(target, 0)
    setTimeout(() => of.destroy(), target.untilMs - performance.now())
    const { path, body } = requests[n % requests.length] as { path: string; body: Buffer }
    while (!of.destroyed) {
      const stream = call(of, { path, token: target.tokens[scope] }, body)
      stream.end()
      stream.once('close', () => {
        if (stream.rstCode === constants.NGHTTP2_ENHANCE_YOUR_CALM) cut++
      })
      await new Promise((resolve) => stream.once('response', resolve).once('close', resolve))
    }
  }
  await Promise.all(Array.from({ length: inFlight }, (_, n) => loop(n)))
  return cut
}

export const tokenAttacks = {
  'messages of millions of empty elements': async (target: Target) => {
    const refused: string[] = []
    for (const { path, field, body } of heavyRequests()) {
      const of = await session(target)
      const status = await statusOf(call(of, { path, token: target.tokens.admin }, body))
      if (status !== 8) throw new Error(`${path} answered ${field} with ${status}`)
      refused.push(field)
      of.destroy()
    }
    return `${refused.length} fields`
  },
  'unfinished calls that hold megabytes': async (target: Target) => {
    // Of a message that says it is 4 MiB long.
    const begun = Buffer.concat([Buffer.from([0, 0, 0x3f, 0xff, 0xff]), Buffer.alloc(3_000_000)])
    const paths = [ChargeUsage.path, '/tollgate.billing.v1.BillingService/StreamSettle']
    let calls = 0
    while (performance.now() < target.untilMs) {
      const sessions = await Promise.all(Array.from({ length: 10 }, () => session(target)))
      for (const of of sessions) {
        // Further streams than 100 wait in the client.
        for (let n = 0; n < 100; n++, calls++) {
          call(of, { path: paths[n % 2] ?? '', token: target.tokens.gateway }, begun)
        }
      }
      await sleep(Math.max(0, Math.min(3_000, target.untilMs - performance.now())))
      for (const of of sessions) of.destroy()
    }
    return calls
  },
  '20 calls of Reconcile at once': (target: Target) =>
    flood(target, 'read', { inFlight: 20, request: () => asked(Reconcile, {}) }),
  '60 calls of ListLedgerEntries at once': (target: Target) =>
    flood(target, 'read', {
      inFlight: 60,
      request: () => asked(ListLedgerEntries, { userId: USER_ID, pageSize: 1_000 }),
    }),
  'lists whose answers are never read': (target: Target) =>
    unread(target, 'read', {
      inFlight: 10,
      requests: [
        asked(ListLedgerEntries, { userId: USER_ID, pageSize: 1_000 }),
        asked(ListPrices, { pageSize: 1_000 }),
      ],
    }),
  'batches whose answers are never read': (target: Target) => {
    // They are replays, and so few at once that the ledger's queue has room for others.
    const charges = Array.from({ length: 1_000 }, (_, n) => aCharge(`past-${n}`))
    const requests = [asked(BatchChargeUsage, { requests: charges })]
    return unread(target, 'gateway', { inFlight: 3, requests })
  },
  "names that fit an operator's pattern almost": (target: Target) =>
    flood(target, 'gateway', {
      inFlight: 4,
      request: () =>
        asked(ChargeUsage, {
          userId: USER_ID,
          idempotencyKey: `pattern-${Math.random()}`,
          model: 'a'.repeat(128),
          usage: { inputTokens: '1', outputTokens: '1' },
        }),
    }),
}
