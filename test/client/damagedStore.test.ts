import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { status } from '@grpc/grpc-js'
import { TollgateError } from '../../clients/node/src/errors'
import type { TollgateClient } from '../../clients/node/src/index'
import { deliverAll, finishedCallOf } from '../../clients/node/src/store/deliver'
import { UndeliveredStore } from '../../clients/node/src/store/undeliveredStore'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tollgate-damaged-'))
})

afterEach(() => rm(directory, { recursive: true }))

const aStore = () => UndeliveredStore.open(directory, { bytesMax: 1024 * 1024 })

/** Answers as a test says: what the real server does with a store is in the other tests. */
function answering(answer: () => Promise<object>): Pick<TollgateClient, 'chargeUsage' | 'streamSettle'> {
  return {
    chargeUsage: answer as TollgateClient['chargeUsage'],
    streamSettle: () => {
      throw new Error('no stream is opened')
    },
  }
}

const DAMAGED = [
  '',
  '{"version":1,"charge":{"idempotencyKey":"a","us',
  'null',
  '[1]',
  '{"charge":null}',
  '{"charge":"text"}',
  '{"open":null,"close":null,"endedAt":1}',
  '{"open":{},"close":{}}',
  '{"charge":{"userId":"ada","occurredAt":"soon"}}',
]

it('sets damaged files aside, and delivers the others', async () => {
  await Promise.all(DAMAGED.map((text, index) => writeFile(join(directory, `${index}.json`), text)))
  await mkdir(join(directory, 'folder.json'))
  const store = await aStore()
  await store.keep({ charge: { userId: 'ada', idempotencyKey: 'call' } })
  store.release({ userId: 'ada', idempotencyKey: 'call' })

  expect(
    await deliverAll(
      store,
      answering(async () => ({})),
    ),
  ).toEqual({
    delivered: 1,
    waiting: 0,
    refused: DAMAGED.length,
  })
  expect(await readdir(join(directory, 'refused'))).toHaveLength(DAMAGED.length)
})

it('does not send a charge for ever that is too large for tollgate', async () => {
  const store = await aStore()
  await store.keep({ charge: { userId: 'ada', idempotencyKey: 'call' } })
  store.release({ userId: 'ada', idempotencyKey: 'call' })
  const tooLarge = async () => {
    throw new TollgateError(status.RESOURCE_EXHAUSTED, 'too large', {
      reason: 'MESSAGE_TOO_LARGE',
      domain: 'tollgate',
      metadata: {},
    })
  }

  expect(await deliverAll(store, answering(tooLarge))).toEqual({ delivered: 0, waiting: 0, refused: 1 })
})

it('charges a stream that never opened at what served it', () => {
  const open = { model: 'asked', provider: 'openai', serviceTier: 'default' }
  const close = { usage: {}, servedModel: 'served', servedProvider: 'azure', servedServiceTier: 'flex' }

  expect(finishedCallOf({ open, close, endedAt: 1 })).toMatchObject({
    model: 'served',
    provider: 'azure',
    serviceTier: 'flex',
  })
})
