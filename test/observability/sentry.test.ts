import { createTransport } from '@sentry/node'
import { flushSentry, reportFatal, reportWarning, startSentry } from '../../src/observability/sentry'

interface SentEvent {
  level: string
  message?: string
  tags: Record<string, string>
  exception?: { values: { value: string }[] }
}

const sent: SentEvent[] = []

beforeAll(() =>
  startSentry({
    dsn: 'https://key@sentry.invalid/1',
    release: '1.2.3',
    // An envelope is lines of JSON: its header, the item's header, the item.
    transport: (options) =>
      createTransport(options, async ({ body }) => {
        sent.push(JSON.parse(body.toString().split('\n')[2] ?? '') as SentEvent)
        return { statusCode: 200 }
      }),
  }),
)

beforeEach(() => {
  sent.length = 0
})

test('a model without a price is reported once, not once for each call', async () => {
  for (let call = 0; call < 100; call++) {
    reportFatal('MODEL_PRICE_MISSING', { subject: 'gpt-9', message: 'gpt-9 has no price' })
  }
  reportFatal('MODEL_PRICE_MISSING', { subject: 'gpt-10', message: 'gpt-10 has no price' })
  await flushSentry(1_000)
  expect(sent.map(({ level, message }) => [level, message])).toEqual([
    ['fatal', 'gpt-9 has no price'],
    ['fatal', 'gpt-10 has no price'],
  ])
  expect(sent[0]?.tags).toEqual({ kind: 'MODEL_PRICE_MISSING', subject: 'gpt-9' })
})

test('a warning carries its tags, and an error its stack', async () => {
  reportWarning('WEBHOOK_MISSED', { subject: 'u1', message: 'is this user paid?', tags: { signs: '3' } })
  reportFatal('CRASH', { message: 'ended', error: new Error('boom') })
  await flushSentry(1_000)
  expect(sent[0]).toMatchObject({ level: 'warning', tags: { kind: 'WEBHOOK_MISSED', signs: '3' } })
  expect(sent[1]?.exception?.values[0]?.value).toBe('boom')
})
