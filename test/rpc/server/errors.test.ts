import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { BillingError, type ErrorReason } from '../../../src/domain/errors'
import { log } from '../../../src/observability/log'
import { STATUS_BY_REASON, statusOf } from '../../../src/rpc/server/errors'
import { decodeErrorDetails, STATUS_DETAILS_KEY } from '../../../src/wire/errorDetails'

/** The documented reasons of each status. */
const REASONS_BY_STATUS: Partial<Record<keyof typeof status, ErrorReason[]>> = {
  INVALID_ARGUMENT: [
    'INVALID_FIELD',
    'IMPOSSIBLE_USAGE',
    'UNKNOWN_USAGE_FORMAT',
    'QUOTE_INVALID',
    'QUOTE_MISMATCH',
    'ALIAS_CYCLE',
    'STREAM_PROTOCOL',
  ],
  NOT_FOUND: [
    'USER_NOT_FOUND',
    'PRICE_NOT_FOUND',
    'CHARGE_NOT_FOUND',
    'HOLD_NOT_FOUND',
    'FAILURE_NOT_FOUND',
    'CHANGE_NOT_FOUND',
    'BUDGET_NOT_FOUND',
  ],
  ALREADY_EXISTS: ['IDEMPOTENCY_KEY_REUSED', 'USER_EXISTS'],
  FAILED_PRECONDITION: [
    'INSUFFICIENT_CREDITS',
    'MODEL_PRICE_MISSING',
    'SERVICE_TIER_UNKNOWN',
    'PRICE_ANOMALY',
    'REPORTED_COST_NOT_ALLOWED',
    'TRIAL_EXPIRED',
    'QUOTE_EXPIRED',
    'REFUND_EXCEEDS_CHARGE',
    'USER_SUSPENDED',
    'ALREADY_DECIDED',
    'TOO_MANY_BUDGETS',
  ],
  RESOURCE_EXHAUSTED: [
    'DAILY_LIMIT_REACHED',
    'BUDGET_REACHED',
    'TRIAL_LIMIT_REACHED',
    'TOO_MANY_STREAMS',
    'OVERLOADED',
    'MESSAGE_TOO_LARGE',
    'SUMMARY_TOO_LARGE',
  ],
  ABORTED: ['CONCURRENT_MODIFICATION', 'STREAM_FENCED'],
  UNAVAILABLE: ['DATABASE_UNAVAILABLE', 'SHUTTING_DOWN'],
  DEADLINE_EXCEEDED: ['DEADLINE_EXCEEDED'],
  UNIMPLEMENTED: ['NOT_IMPLEMENTED'],
  UNAUTHENTICATED: ['TOKEN_MISSING', 'TOKEN_UNKNOWN'],
  PERMISSION_DENIED: ['SCOPE_MISSING'],
}

const cases = Object.entries(REASONS_BY_STATUS).flatMap(([code, reasons]) =>
  reasons.map((reason) => [reason, code as keyof typeof status] as const),
)

afterEach(() => jest.restoreAllMocks())

test('an unreachable database is logged once a second, whatever the number of calls', async () => {
  const warn = jest.spyOn(log, 'warn').mockImplementation(() => undefined)
  const unreachable = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  const answer = () => expect(statusOf(unreachable, '/m').code).toBe(status.UNAVAILABLE)
  await sleep(1_000)
  for (let call = 0; call < 100; call++) answer()
  expect(warn.mock.calls).toEqual([[{ err: unreachable, suppressed: 0 }, 'the database does not answer']])
  await sleep(1_000)
  answer()
  expect(warn.mock.calls.slice(1)).toEqual([
    [{ err: unreachable, suppressed: 99 }, 'the database does not answer'],
  ])
})

test('the table below names every reason there is', () => {
  expect(cases.map(([reason]) => reason).sort()).toEqual(Object.keys(STATUS_BY_REASON).sort())
})

test.each(cases)('%s is %s, and says so in an ErrorInfo', (reason, code) => {
  const error = new BillingError(reason, 'what is wrong', {
    field: 'a.field',
    retryAfterMs: 1_500,
    metadata: { user_id: 'ada' },
  })
  const answer = statusOf(error, 'Method')
  expect(answer).toMatchObject({ code: status[code], details: 'what is wrong' })
  const details = detailsOf(answer)
  expect(details).toMatchObject({
    reason,
    domain: 'tollgate',
    metadata: { user_id: 'ada', field: 'a.field' },
    retryAfterMs: 1_500,
  })
  const description = 'what is wrong'
  const violations = {
    fieldViolations: details.fieldViolations,
    preconditionViolations: details.preconditionViolations,
    quotaViolations: details.quotaViolations,
  }
  expect(violations).toEqual({
    fieldViolations: code === 'INVALID_ARGUMENT' ? [{ field: 'a.field', description }] : undefined,
    preconditionViolations:
      code === 'FAILED_PRECONDITION' ? [{ type: reason, subject: 'user:ada', description }] : undefined,
    quotaViolations: code === 'RESOURCE_EXHAUSTED' ? [{ subject: 'user:ada', description }] : undefined,
  })
})

test('an error that names no field and no delay has an ErrorInfo all the same', () => {
  const details = detailsOf(statusOf(new BillingError('QUOTE_INVALID', 'no'), 'Method'))
  expect(details).toEqual({ reason: 'QUOTE_INVALID', domain: 'tollgate', metadata: {} })
})

test('a bug is INTERNAL with an id that the log has, and says nothing else', () => {
  const logged = jest.spyOn(log, 'error').mockReturnValue(undefined)
  const answer = statusOf(new Error('select secret from users'), '/a/Method')
  const { reason, metadata } = detailsOf(answer)
  expect(answer.code).toBe(status.INTERNAL)
  expect(reason).toBe('INTERNAL')
  expect(answer.details).toBe(`internal error ${metadata['id']}`)
  expect(JSON.stringify(answer.metadata.getMap())).not.toContain('secret')
  expect(logged).toHaveBeenCalledWith(
    expect.objectContaining({ id: metadata['id'], method: '/a/Method' }),
    expect.anything(),
  )
})

test.each([
  [
    'a refused connection',
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
  ],
  ['a pool with no connection left', new Error('timeout exceeded when trying to connect')],
  ['a server that restarts', Object.assign(new Error('shutting down'), { code: '57P01', severity: 'FATAL' })],
  [
    'a lock that is never released',
    Object.assign(new Error('lock timeout'), { code: '55P03', severity: 'ERROR' }),
  ],
])('%s is UNAVAILABLE, to be tried again', (_, error) => {
  const answer = statusOf(error, 'Method')
  expect(answer.code).toBe(status.UNAVAILABLE)
  expect(detailsOf(answer)).toMatchObject({ reason: 'DATABASE_UNAVAILABLE', retryAfterMs: 1_000 })
})

function detailsOf({ metadata }: ReturnType<typeof statusOf>) {
  const [bytes] = metadata.get(STATUS_DETAILS_KEY)
  const details = decodeErrorDetails(bytes as Buffer)
  if (details === undefined) throw new Error('no ErrorInfo')
  return details
}

test('a message that no trailer can carry is made one that it can', () => {
  const { details } = statusOf(new BillingError('INVALID_FIELD', 'a half pair: \ud800'), 'X')
  expect(encodeURI(details)).toBe('a%20half%20pair:%20%EF%BF%BD')
})
