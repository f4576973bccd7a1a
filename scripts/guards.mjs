// Removes each guard of the books in turn, in a copy of the sources, and shows that the tests go red without it.
// A guard whose removal no test notices is a guard that a refactoring may lose.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { install } from './prepare.mjs'

/** Each removal replaces one passage, which must occur exactly once, and names the tests that must notice. */
const GUARDS = [
  {
    name: 'failures: no grant collects what stands under a key that has taken effect',
    file: 'src/database/deductionFailures.ts',
    remove: ".where('reason', 'not in', REASONS_IN_DOUBT)",
    with: '',
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'failures: a retry is of the request that stands there',
    file: 'src/domain/decide/decide.ts',
    remove: 'if (isStaleRetry(facts, posting)) return refused(failureMoved())',
    with: '',
    tests: ['test/rpc/deductionFailures'],
  },
  {
    name: 'failures: a retry changes no stream that its client has closed by now',
    file: 'src/domain/decide/adjust.ts',
    remove: 'if (posting.atAnyTime === true && !isRefusedClose(failure)) return refused(settlementIsFinal())',
    with: '',
    tests: ['test/rpc/deductionFailures', 'test/domain/decideAdjust'],
  },
  {
    name: 'spool: what cannot be read for want of files is no damage',
    file: 'src/ledger/spool/drainRound.ts',
    remove: 'if (isForWantOfResources(error)) throw error',
    with: '',
    tests: ['test/ledger/spool/drainer'],
  },
  {
    name: 'spool: what is kept aside is not overwritten',
    file: 'src/ledger/spool/segment.ts',
    remove: 'freeName(segment.name, await disk.list(aside))',
    with: 'segment.name',
    tests: ['test/ledger/spool/spool.test'],
  },
  {
    name: 'failures: what is owed anew is owed from then on',
    file: 'src/database/ledger/statements.ts',
    remove: "created_at = case t.state when 'pending' then t.created_at else excluded.created_at end",
    with: 'created_at = t.created_at',
    tests: ['test/rpc/deductionFailures'],
  },
  {
    name: 'deferral: a deferred call stays one, though the same is refused in one batch with it',
    file: 'src/ledger/batch.ts',
    remove:
      "const deferred = failure.deferred === true || (before?.state === 'pending' && before.deferred === true)",
    with: 'const deferred = failure.deferred === true',
    tests: ['test/ledger/failures'],
  },
  {
    name: 'deferral: no other request takes the place of one that was deferred',
    file: 'src/domain/decide/decide.ts',
    remove: "return isOther && (type === 'charge' || type === 'reject')",
    with: "return isOther && (type as string) === ''",
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'deferral: what was deferred stays so when it is refused again',
    file: 'src/database/ledger/statements.ts',
    remove: "deferred = excluded.deferred or (t.deferred and t.state = 'pending')",
    with: 'deferred = excluded.deferred',
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'deferral: another request under a key that was written off is listed',
    file: 'src/billing/charges/deliverDeferred.ts',
    remove: 'writtenOff?.requestHash.equals(requestHash) === false',
    with: 'false as boolean',
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'deferral: what another close was faster with is not all that this one said',
    file: 'src/billing/charges/deliverDeferred.ts',
    remove: "if (!event.replayed) return 'deducted'",
    with: "if (event.settlement.adjustment !== undefined) return event.replayed ? 'dropped' : 'deducted'",
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'helm test: gRPC must answer that it serves',
    file: 'helm/tollgate/files/test.cjs',
    remove: "answer.toString('hex') !== '0801'",
    with: 'false',
    tests: ['test/chart/helmTest'],
  },
  {
    name: 'helm test: a replica must be ready',
    file: 'helm/tollgate/files/test.cjs',
    remove: 'if (!ready.ok)',
    with: 'if (false)',
    tests: ['test/chart/helmTest'],
  },
  {
    name: "reconcile: an entry's hash covers its request",
    file: 'src/domain/ledger/entryHash.ts',
    remove: "plain(requestHash.toString('hex'))",
    with: "plain(requestHash.length > 0 ? '' : '-')",
    tests: ['test/billing/reconcile.test'],
  },
  {
    name: 'reconcile: keys of a ledger of several pages are counted',
    file: 'src/billing/reconcile/proveUser.ts',
    remove: 'const discrepancies = [...proof.discrepancies, ...found]',
    with: 'const { discrepancies } = proof',
    tests: ['test/billing/reconcileLong'],
  },
  {
    name: 'reconcile: keys that are added while they are counted are none too many',
    file: 'src/database/reconcile/keys.ts',
    remove: 'or k.version > u.version',
    with: 'or true',
    tests: ['test/billing/reconcileLong'],
  },
  {
    name: 'reconcile: what an earlier page found keeps the last from leaving a checkpoint',
    file: 'src/billing/reconcile/walkLedger.ts',
    remove: 'flawed: walked.flawed || found.length > 0',
    with: 'flawed: found.length > 0',
    tests: ['test/billing/reconcileLong'],
  },
  {
    name: "reconcile: a trial's spend of the day",
    file: 'src/domain/reconcile/reconcile.ts',
    remove: '    walk.trialSpentTodayNanousd,\n    user.trialSpentTodayNanousd,',
    with: '    user.trialSpentTodayNanousd,\n    user.trialSpentTodayNanousd,',
    tests: ['test/billing/reconcileLong'],
  },
  {
    name: "reconcile: what is taken back of another day's trial is no part of today's",
    file: 'src/domain/reconcile/reconcile.ts',
    remove: 'charge.forgoneNanousd < 0n && isOfAnotherDay ? 0n',
    with: 'isOfAnotherDay && false ? 0n',
    tests: ['test/domain/decideAdjust'],
  },
  {
    name: 'reconcile: a checkpoint without the trial of the day is none',
    file: 'src/database/reconcile/checkpoints.ts',
    remove: 'return trialSpentTodayNanousd === null',
    with: 'return row.version < 0n',
    tests: ['test/billing/reconcileJob'],
  },
  {
    name: 'reconcile: when books were last proved outlives the next run',
    file: 'src/database/reconcile/lease.ts',
    remove: '      last_finished_at = clock_timestamp(),\n',
    with: '',
    tests: ['test/billing/reconcileJob'],
  },
  {
    name: 'reconcile: a position of another release is no dead end',
    file: 'src/billing/reconcile/reconcileJob.ts',
    remove: 'let position = positionOrStart(lease.position)',
    with: 'let position = lease.position',
    tests: ['test/billing/reconcileJob'],
  },
  {
    name: 'reconcile: a failure that waits is no drift',
    file: 'src/billing/reconcile/reconcile.ts',
    remove: '.filter(({ kind }) => isDrift(kind))',
    with: '',
    tests: ['test/billing/reconcileJob'],
  },
  {
    name: 'alerts: drift that was there before anybody looked',
    file: 'helm/tollgate/files/alerts.yaml',
    remove: 'max_over_time(tollgate_reconcile_last_run_findings{kind!~"FAILURE_PENDING|HOLD_OVERDUE"}[6h])',
    with: 'increase(tollgate_reconcile_discrepancies_total[6h])',
    tests: ['test/observability/driftAlert'],
  },
  {
    name: 'reconcile: the lease is won by one',
    file: 'src/database/reconcile/lease.ts',
    remove: 'where l.expires_at <= clock_timestamp()\n      and (',
    with: 'where (l.expires_at is not null)\n      and (',
    tests: ['test/billing/reconcileJob'],
  },
  {
    name: 'reconcile: the lease of one process keeps the other waiting, killed or not',
    file: 'src/database/reconcile/lease.ts',
    remove: 'where l.expires_at <= clock_timestamp()\n      and (',
    with: 'where (l.expires_at is not null)\n      and (',
    tests: ['test/faults/reconcileProcesses'],
  },
  {
    name: 'reconcile: the lease says where a killed process was',
    file: 'src/database/reconcile/lease.ts',
    remove: "position = case when l.finished_at is null then l.position else '' end",
    with: "position = ''",
    tests: ['test/faults/reconcileProcesses'],
  },
  {
    name: 'reconcile: a run that lost its lease stops',
    file: 'src/billing/reconcile/reconcileJob.ts',
    remove: "if (!(await renewLease(database, lease, { position, validityMs }))) return 'lost'",
    with: 'await renewLease(database, lease, { position, validityMs })',
    tests: ['test/billing/reconcileJob'],
  },
  {
    name: 'reconcile: a checkpoint is held against its entry',
    file: 'src/billing/reconcile/walkLedger.ts',
    remove: '!keyed.entry.hash.equals(checkpoint.hash)',
    with: 'false',
    tests: ['test/billing/reconcileJob'],
  },
  {
    name: 'reconcile: books that are wrong leave no checkpoint',
    file: 'src/billing/reconcile/reconcile.ts',
    remove: 'end && !end.flawed && !wrong.has(end.userId) ? [end] : []',
    with: 'end ? [end] : []',
    tests: ['test/billing/reconcileJob'],
  },
  {
    name: 'reconcile: rows without a user are found',
    file: 'src/billing/reconcile/findOrphans.ts',
    remove: 'await readOwnerless(database, range)',
    with: '([] as Awaited<ReturnType<typeof readOwnerless>>)',
    tests: ['test/billing/reconcile.test'],
  },
  {
    name: 'reconcile: a head is held against the entry of today',
    file: 'src/domain/ledger/ledgerHead.ts',
    remove: 'return hash.equals(head.hash) ? undefined',
    with: 'return hash.length > 0 ? undefined',
    tests: ['test/commands/reconcile'],
  },
  {
    name: 'failures: only what is still owed is collected',
    file: 'src/domain/decide/collect.ts',
    remove: "failure?.state !== 'pending' || ",
    with: 'failure === undefined || ',
    tests: ['test/domain/decideCollect'],
  },
  {
    name: 'failures: a write-off ends the amendment of its stream',
    file: 'src/database/deductionFailures.ts',
    remove: '.set({ amendable_until: null })',
    with: '.set({ state: "settled" })',
    tests: ['test/rpc/deductionFailures'],
  },
  {
    name: 'failures: the stream of a write-off must have ended',
    file: 'src/database/deductionFailures.ts',
    remove: "if (hold !== undefined && hold.state !== 'settled') return false",
    with: '',
    tests: ['test/rpc/deductionFailures'],
  },
  {
    name: 'failures: nothing else takes the key of a call that is owed',
    file: 'src/domain/decide/decide.ts',
    remove:
      'if (isOwed(facts) && takesKeyOfCall(posting, facts.failure)) return refused(keyOwed(posting.idempotencyKey))',
    with: '',
    tests: ['test/rpc/deductionFailures'],
  },
  {
    name: 'failures: the oldest that can not be paid ends the collecting',
    file: 'src/billing/failures/collectDebts.ts',
    remove: "if (error.reason === 'INSUFFICIENT_CREDITS') return",
    with: '',
    tests: ['test/rpc/deductionFailures'],
  },
  {
    name: 'failures: a grant that is sent again collects',
    file: 'src/billing/users/grantCredits.ts',
    remove: 'if (billing.collectsOnGrant && request',
    with: 'if (!replayed && billing.collectsOnGrant && request',
    tests: ['test/rpc/deductionFailures'],
  },
  {
    name: 'failures: a refusal of unknown outcome is counted once',
    file: 'src/ledger/batch.ts',
    remove: "return found?.state === 'pending' && found.attempts >= sent.attempts ? sent : undefined",
    with: 'return undefined',
    tests: ['test/ledger/unknownOutcome'],
  },
  {
    name: 'failures: a refusal of unknown outcome is told of',
    file: 'src/ledger/batch.ts',
    remove: 'const news = [...written, ...sending.values()]',
    with: 'const news = [...sending.values()]',
    tests: ['test/ledger/unknownOutcome'],
  },
  {
    name: 'failures: each refusal of a batch is an attempt',
    file: 'src/ledger/batch.ts',
    remove: 'const attempts = 1 + (this.#newFailures.get(key)?.attempts ?? 0)',
    with: 'const attempts = 1',
    tests: ['test/ledger/failures.test'],
  },
  {
    name: 'failures: what is missing of a call is not charged as the whole',
    file: 'src/billing/failures/collectFailure.ts',
    remove:
      'if (failure.amountNanousd !== undefined && failure.amountNanousd !== call.amountNanousd) throw onlyPart()',
    with: '',
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'failures: nobody waits for ever for a connection of the pool',
    file: 'src/database/database.ts',
    remove: 'connectionTimeoutMillis: 5_000,',
    with: '',
    tests: ['test/faults/scenarios/poolExhausted'],
  },
  {
    name: 'failures: a shortfall is collected only from what is available',
    file: 'src/domain/decide/collect.ts',
    remove: 'if (amountNanousd > availableOf(user)) return refused(insufficientCredits(user, amountNanousd))',
    with: '',
    tests: ['test/ledger/model'],
  },
  {
    name: 'failures: the limit of today is none for a call of long ago',
    file: 'src/domain/decide/charge.ts',
    remove: 'posting.enforceDailyLimit && call.amountNanousd > 0n',
    with: 'call.amountNanousd > 0n',
    tests: ['test/ledger/model'],
  },
  {
    name: 'refunds: credits come back first',
    file: 'src/domain/ledger/chargeState.ts',
    remove: 'amountNanousd < fromCreditsNanousd ? amountNanousd : fromCreditsNanousd',
    with: 'amountNanousd',
    tests: ['test/ledger/model'],
  },
  {
    name: 'refunds: never more than a charge took',
    file: 'src/domain/decide/refund.ts',
    remove: 'amountNanousd === 0n || amountNanousd > taken.takenNanousd',
    with: 'amountNanousd === 0n',
    tests: ['test/domain/decideRefund', 'test/rpc/refundCharge'],
  },
  {
    name: 'refunds: what was refunded before counts, in the database',
    file: 'src/database/ledger/connection.ts',
    remove: 'changes: changes?.map(changesFromRow) ?? [],',
    with: 'changes: [],',
    tests: ['test/rpc/refundCharge'],
  },
  {
    name: 'refunds: of two in one batch, the second sees the first',
    file: 'src/ledger/batch.ts',
    remove: 'this.#changeCharge(entry)\n',
    with: '\n',
    tests: ['test/rpc/refundCharge'],
  },
  {
    name: 'amendments: what a refund gave back does not go back again',
    file: 'src/domain/decide/adjust.ts',
    remove: 'minOf(maxOf(lessNanousd - unpaidNanousd, 0n), taken.takenNanousd)',
    with: 'maxOf(lessNanousd - unpaidNanousd, 0n)',
    tests: ['test/domain/decideRefund'],
  },
  {
    name: 'profiles: written with the swap',
    file: 'src/ledger/batch.ts',
    remove: 'if (entry.profile !== undefined) this.#changedProfiles.add(user.userId)',
    with: '',
    tests: ['test/rpc/updateUser'],
  },
  {
    name: 'spend: a refund counts under what it refunds',
    file: 'src/database/spend.ts',
    remove: "filter.groupBy, 'charge'",
    with: "filter.groupBy, 'entry'",
    tests: ['test/rpc/summarizeSpend'],
  },
  {
    name: 'spend: the refund of a stream is found by its hold',
    file: 'src/database/spend.ts',
    remove:
      '(select settled_version from holds where user_id = entry.user_id and key_id = entry.charge_key_id),',
    with: '',
    tests: ['test/rpc/summarizeSpend'],
  },
  {
    name: 'spend: the end of the time is not part of it',
    file: 'src/database/spend.ts',
    remove: 'entry.created_at < ',
    with: 'entry.created_at <= ',
    tests: ['test/rpc/summarizeSpend'],
  },
  {
    name: 'spend: it does not keep the database busy for longer than it may',
    file: 'src/database/spend.ts',
    remove: "set_config('statement_timeout'",
    with: "set_config('lock_timeout'",
    tests: ['test/rpc/summarizeSpend'],
  },
  {
    name: 'spend: a name in CSV is no formula',
    file: 'src/commands/spend/csv.ts',
    remove: '/^[=+\\-@＝＋－＠\\t\\r\\n]/.test(visible)',
    with: 'false',
    tests: ['test/rpc/summarizeSpend'],
  },
  {
    name: 'metrics: a charged model that only its caller knows is no label',
    file: 'src/observability/metrics/charges.ts',
    remove: 'const model = amountsOf(charge && listedModelOf(charge))',
    with: 'const model = amountsOf(charge?.pricedModel)',
    tests: ['test/observability/metrics.test', 'test/observability/counted'],
  },
  {
    name: 'metrics: an unpaid model that only its caller knows is no label',
    file: 'src/ledger/reportFailedDeduction.ts',
    remove: 'pricing && listedModelOf(pricing)',
    with: 'pricing?.pricedModel',
    tests: ['test/observability/counted'],
  },
  {
    name: 'metrics: no more models than may be are labels',
    file: 'src/observability/metrics/models.ts',
    remove: 'if (byModel.size > MODEL_LABELS_MAX) return other',
    with: '',
    tests: ['test/observability/metrics.test'],
  },
  {
    name: 'metrics: a call that is refused again is not missed again',
    file: 'src/ledger/batch.ts',
    remove: "if (standing === undefined || standing.state === 'resolved') return true",
    with: 'return true',
    tests: ['test/ledger/failures', 'test/observability/counted'],
  },
  {
    name: 'metrics: a settled hold is not overdue',
    file: 'src/database/openItems.ts',
    remove: "from holds where state <> 'settled')",
    with: 'from holds)',
    tests: ['test/billing/watchOpenItems'],
  },
  {
    name: 'lists: an hour’s cache write of another model',
    file: 'src/pricing/feeds/priceList.ts',
    remove: 'hour < ordinary || hour > ordinary * HOUR_MULTIPLE_MAX',
    with: 'false',
    tests: ['test/pricing/realLists'],
  },
  {
    name: 'lists: an hour’s cache write that a dearer card leaves out',
    file: 'src/pricing/feeds/priceList.ts',
    remove: "oneHour === undefined ? refined : refined.set('CACHE_CREATION_1H_INPUT_TOKENS', oneHour)",
    with: 'refined',
    tests: ['test/pricing/realLists', 'test/pricing/listedCalls'],
  },
  {
    name: 'provider usage: a compaction beside the totals',
    file: 'src/domain/providerUsage/anthropic.ts',
    remove: '[reported, ...compactions]',
    with: '[reported]',
    tests: ['test/domain/providerUsage'],
  },
  {
    name: 'provider usage: parts of an earlier cache write',
    file: 'src/domain/providerUsage/anthropic.ts',
    remove: "merged['cache_creation'] = undefined",
    with: 'return merged',
    tests: ['test/domain/providerUsage'],
  },
  {
    name: 'provider usage: thinking that the total alone has',
    file: 'src/domain/providerUsage/openai.ts',
    remove: 'outputTokens: outputTokens + uncounted',
    with: 'outputTokens',
    tests: ['test/domain/providerUsage'],
  },
  {
    name: 'provider usage: searches that the body counts',
    file: 'src/domain/providerUsage/openai.ts',
    remove: 'if (counted !== undefined) return counted',
    with: '',
    tests: ['test/domain/providerUsage'],
  },
  {
    name: 'provider usage: searches by OpenRouter',
    file: 'src/domain/providerUsage/openrouter.ts',
    remove: "reported.object('server_tool_use_details').count('web_search_requests') ??",
    with: '',
    tests: ['test/domain/providerUsage'],
  },
  {
    name: 'provider usage: a prompt that the total alone has',
    file: 'src/domain/providerUsage/gemini.ts',
    remove: 'prompt === undefined && total !== tools + candidates + thoughts',
    with: 'prompt === undefined && total === undefined',
    tests: ['test/domain/providerUsage'],
  },
  {
    name: 'reconcile: a user row that was set back',
    file: 'src/domain/reconcile/reconcile.ts',
    remove: 'if (lastEntryVersion > user.version)',
    with: 'if (lastEntryVersion < 0n)',
    tests: ['test/billing/reconcile'],
  },
  {
    name: 'reconcile: a lost idempotency key',
    file: 'src/domain/reconcile/reconcile.ts',
    remove: "if (requestHash === undefined) report('KEY_DRIFT', 'no idempotency key points to it')",
    with: '',
    tests: ['test/billing/reconcile'],
  },
  {
    name: 'stream: one that was opened while the server began to stop is told so',
    file: 'src/domain/stream/step.ts',
    remove: "if (state.state === 'opening') return stay({ ...state, drains: true })",
    with: '',
    tests: ['test/domain/stream'],
  },
  {
    name: 'doctor: a secret that an error quotes is not shown',
    file: 'src/commands/doctor/secrets.ts',
    remove: 'secrets.reduce((clean, secret) => clean.replaceAll(secret, SHOWN), text)',
    with: 'text',
    tests: ['test/commands/doctor'],
  },
  {
    name: 'client: a call whose connection broke is asked again',
    file: 'src/client/retry.ts',
    remove: '    isBrokenConnection ||\n',
    with: '',
    tests: ['test/client/resets'],
  },
  {
    name: 'client: a settled stream is not reset',
    file: 'src/client/meter/meterSession.ts',
    remove: 'if (!this.isOver) this.#connection?.cancel()',
    with: 'this.#connection?.cancel()',
    tests: ['test/client/resets'],
  },
  {
    name: 'client: a meter leaves a server that stops',
    file: 'src/client/meter/meterSession.ts',
    remove: "if (event === 'drain') connection.cancel()",
    with: '',
    tests: ['test/client/meterStream'],
  },
  {
    name: 'client: usage beyond what is paid for is said all the same',
    file: 'src/client/meterStream.ts',
    remove: "tally = facts.text === '' ? next : {",
    with: 'tally = {',
    tests: ['test/client/meterMoney'],
  },
  {
    name: 'client: whoever answers has read the prompt',
    file: 'src/client/meterStream.ts',
    remove: '{ ...tally, inputTokens: next.inputTokens }',
    with: 'undefined',
    tests: ['test/client/meterMoney'],
  },
  {
    name: 'client: an end user that leaves settles its stream by itself',
    file: 'src/client/meterStream.ts',
    remove: "    if (!isFinished) stoppedBy ??= 'ABORTED'\n    finish()\n",
    with: "    stoppedBy ??= 'ABORTED'\n",
    tests: ['test/client/meterMoney'],
  },
  {
    name: 'client: a meter that is left before it began ends',
    file: 'src/client/meterStream.ts',
    remove: '() => settle(NOTHING)',
    with: '() => undefined',
    tests: ['test/client/meterMoney'],
  },
  {
    name: 'client: a meter says that it lives before the first word',
    file: 'src/client/meter/meterSession.ts',
    remove: 'this.#sayUsage(this.#usage ?? {})',
    with: 'this.#sayUsage()',
    tests: ['test/client/meterMoney'],
  },
  {
    name: 'client: a meter whose client is closed fails, and nothing else',
    file: 'src/client/connect.ts',
    remove: 'if (isClosed(client)) throw new ClientClosedError()\n      return openStreamSettle',
    with: 'return openStreamSettle',
    tests: ['test/client/meterMoney'],
  },
  {
    name: 'client: charges that travel together do not suffer for one another',
    file: 'src/client/chargeBatcher.ts',
    remove: 'batch.length > 1 && isAboutContent(error)',
    with: 'false',
    tests: ['test/client/connect'],
  },
  {
    name: 'client: a bigint or NaN is not sent as nothing',
    file: 'src/client/serialise.ts',
    remove: "copyOf(request, 'the request') as Request",
    with: 'structuredClone(request)',
    tests: ['test/client/connect'],
  },
  {
    name: 'client: no provider is called for an end user who has left',
    file: 'src/client/meterStream.ts',
    remove: '  if (signal.aborted) return\n',
    with: '',
    tests: ['test/client/meterMoney'],
  },
  {
    name: 'client: an end that came too late is set aside',
    file: 'src/client/meter/undelivered.ts',
    remove: 'if (settled && isSettledWithout(close, settled)) throw settledWithout()',
    with: '',
    tests: ['test/client/undelivered'],
  },
  {
    name: 'client: what is undelivered is delivered by one',
    file: 'src/client/meter/undelivered.ts',
    remove: 'this.#delivering ??= this',
    with: 'this.#delivering = this',
    tests: ['test/client/undelivered'],
  },
  {
    name: 'client: what is undelivered waits for a token that counts',
    file: 'src/client/meter/undelivered.ts',
    remove: '(error instanceof TollgateError && FINAL.has(error.code))',
    with: 'error instanceof Error',
    tests: ['test/client/undelivered'],
  },
  {
    name: 'client: only what tollgate lists is done with',
    file: 'src/client/meter/undelivered.ts',
    remove: '&& LISTED.has(error.reason)',
    with: '',
    tests: ['test/client/undelivered'],
  },
  {
    name: 'client: a full disk does not end the delivery',
    file: 'src/client/meterStream.ts',
    remove: '    () => false,\n',
    with: '    (error) => Promise.reject(error),\n',
    tests: ['test/client/undelivered'],
  },
  {
    name: 'command line: a list ends where nobody reads on',
    file: 'src/commands/lists.ts',
    remove: 'if (isUnread()) return',
    with: '',
    tests: ['test/commands/users'],
  },
  {
    name: 'command line: the command to ask again is one that works',
    file: 'src/commands/keyed.ts',
    remove: "kept.includes('--') ? kept.indexOf('--') : kept.length",
    with: 'kept.length',
    tests: ['test/commands/users'],
  },
  {
    name: 'spool: synced before the answer',
    file: 'src/ledger/spool/segmentWriter.ts',
    remove: '    await file.sync()\n',
    with: '',
    tests: ['test/ledger/spool/spool'],
  },
  {
    name: 'spool: the folder is synced as well',
    file: 'src/ledger/spool/segmentWriter.ts',
    remove: '    await disk.syncDir(dir)\n',
    with: '',
    tests: ['test/ledger/spool/spool'],
  },
  {
    name: 'spool: nothing is appended behind a failed sync',
    file: 'src/ledger/spool/segmentWriter.ts',
    remove: '        await this.#abandon()\n',
    with: '',
    tests: ['test/ledger/spool/spool'],
  },
  {
    name: 'spool: checksum',
    file: 'src/ledger/spool/frames.ts',
    remove: 'if (!checksumOf(length, payload).equals(checksum)) return undefined',
    with: '',
    tests: ['test/ledger/spool/frames', 'test/ledger/spool/spool'],
  },
  {
    name: 'spool: what is damaged is kept aside',
    file: 'src/ledger/spool/segment.ts',
    remove: 'if (!segment.isDamaged) return',
    with: 'return',
    tests: ['test/ledger/spool/spool'],
  },
  {
    name: 'spool: one process',
    file: 'src/ledger/spool/directoryLock.ts',
    remove: 'if (!tryLock(file.fd))',
    with: 'if (tryLock === undefined)',
    tests: ['test/ledger/spool/spool'],
  },
  {
    name: 'spool: bounded in bytes',
    file: 'src/ledger/spool/spool.ts',
    remove: 'if (this.bytes + bytes <= this.#settings.bytesMax) return',
    with: 'if (bytes > 0) return',
    tests: ['test/ledger/spool/spool'],
  },
  {
    name: 'spool: cap of a user',
    file: 'src/ledger/spool/spool.ts',
    remove: 'sum <= userNanousdMax',
    with: 'sum > 0n',
    tests: ['test/ledger/spool/spool', 'test/rpc/deferral'],
  },
  {
    name: 'deferral: a stream that was charged without its hold is found',
    file: 'src/billing/streams/openStream.ts',
    remove: 'return { settlement: { entry, idempotencyKey: entry.idempotencyKey } }',
    with: "throw new Error('settled')",
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'spool: a key waits for one request',
    file: 'src/ledger/spool/spool.ts',
    remove: 'if (!known.requestHash.equals(deferred.requestHash)) throw keyReused(deferred)',
    with: '',
    tests: ['test/ledger/spool/spool'],
  },
  {
    name: 'spool: one entry does not hold up the others',
    file: 'src/ledger/spool/drainRound.ts',
    remove:
      "          // The next probe is another's: this one may be all that the database can't do.\n          spool.putLast(waiting)\n",
    with: '',
    tests: ['test/ledger/spool/drainer'],
  },
  {
    name: 'drain: a key that stands for another request is a failure',
    file: 'src/billing/charges/deliverDeferred.ts',
    remove:
      "if (error.reason === 'IDEMPOTENCY_KEY_REUSED') return await failApart({ ledger }, deferred, error)",
    with: '',
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'drain: that failure has a key of its own',
    file: 'src/billing/charges/deliverDeferred.ts',
    remove: 'keyId: derivedKeyIdOf(userId, idempotencyKey)',
    with: 'keyId: deferred.keyId',
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'drain: what the key did is looked up',
    file: 'src/billing/charges/deliverDeferred.ts',
    remove: '...{ userId, keyId, idempotencyKey, requestHash, call },',
    with: '...{ userId, keyId: derivedKeyIdOf(userId, keyId), idempotencyKey, requestHash, call },',
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'drain: an unknown user becomes a failure',
    file: 'src/domain/decide/decide.ts',
    remove: 'refused(userNotFound(posting.userId), owedByNobody(posting))',
    with: 'refused(userNotFound(posting.userId))',
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'drain: a stream that expired is amended to its close',
    file: 'src/billing/charges/deliverDeferred.ts',
    remove: 'status.byExpiry && earlier.adjustment === undefined',
    with: 'earlier.entry.version < 0n',
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'drain: what an operator left out of a stream that was closed is owed',
    file: 'src/billing/charges/deliverDeferred.ts',
    remove: "if (missingNanousd === 0n) return 'dropped'",
    with: "if (missingNanousd === 0n || !hold.status.byExpiry) return 'dropped'",
    tests: ['test/rpc/deferral'],
  },
  {
    name: 'unique key of a request',
    file: 'migrations/0003_idempotency_keys.sql',
    remove: ',\n  primary key (user_id, key_id)',
    with: '',
    tests: ['test/ledger/guards'],
  },
  {
    name: 'unique number of an entry',
    file: 'migrations/0002_ledger_entries.sql',
    remove: ',\n  primary key (user_id, version)',
    with: '',
    tests: ['test/ledger/guards'],
  },
  {
    name: 'version predicate of the swap',
    file: 'src/database/ledger/statements.ts',
    remove: ' and u.version = v.expected_version',
    with: '',
    tests: ['test/ledger/guards', 'test/ledger/concurrency', 'test/ledger/interleavings'],
  },
  {
    name: 'keys and entries only for users that were swapped',
    file: 'src/database/ledger/statements.ts',
    remove: ' where i.user_id in (select user_id from swapped))',
    with: ')',
    tests: ['test/ledger/guards'],
  },
  {
    name: 'version predicate of the swap of one',
    file: 'src/database/ledger/statements.ts',
    remove: ` and version = \${expectedVersion}`,
    // Still a parameter, so that the statement stands.
    with: ` and \${expectedVersion} is not null`,
    tests: ['test/ledger/guards', 'test/ledger/concurrency', 'test/ledger/interleavings'],
  },
  {
    name: 'the key and entry of the swap of one only if it was swapped',
    file: 'src/database/ledger/statements.ts',
    remove: `select \${[...entry.values()].join(', ')} from swapped)`,
    with: `select \${[...entry.values()].join(', ')})`,
    tests: ['test/ledger/guards', 'test/ledger/concurrency', 'test/ledger/interleavings'],
  },
  {
    name: 'one whose key was not looked up is written only if it is new',
    file: 'src/database/ledger/statements.ts',
    remove: `exists (select from idempotency_keys where user_id = \${userId} and key_id = \${entry.get('key_id')})`,
    with: 'false',
    tests: ['test/ledger/guards'],
  },
  {
    name: 'known keys are looked up',
    file: 'src/domain/decide/decide.ts',
    remove: 'if (facts.known !== undefined) return decideKnown(facts.known, facts, posting)',
    with: '',
    tests: ['test/domain/decide', 'test/ledger/concurrency'],
  },
  {
    name: 'request hash is compared',
    file: 'src/domain/decide/decide.ts',
    remove:
      'if (!known.requestHash.equals(posting.requestHash)) return refused(keyReused(posting.idempotencyKey))',
    with: '',
    tests: ['test/domain/decide', 'test/ledger/concurrency'],
  },
  {
    name: 'balance check',
    file: 'src/domain/decide/charge.ts',
    remove:
      'if (call.amountNanousd > availableOf(user)) return refuse(insufficientCredits(user, call.amountNanousd))',
    with: '',
    tests: ['test/domain/decide', 'test/ledger/concurrency'],
  },
  {
    name: 'daily limit',
    file: 'src/domain/decide/charge.ts',
    remove: 'if (overDailyLimit && isLimited) return refuse(dailyLimitReached(user, at))',
    with: '',
    tests: ['test/domain/decide', 'test/ledger/concurrency'],
  },
  {
    name: 'open holds count against the daily limit',
    file: 'src/domain/decide/limits.ts',
    remove: ' - user.heldNanousd',
    with: '',
    tests: ['test/domain/decide'],
  },
  {
    name: 'holds come off what is available',
    file: 'src/domain/ledger/user.ts',
    remove: ' - user.heldNanousd',
    with: '',
    tests: ['test/domain/decide'],
  },
  {
    name: 'floor of a grant',
    file: 'src/domain/decide/grant.ts',
    remove:
      'if (deltaNanousd < 0n && (nextPotNanousd < floorNanousd || availableOf(user) + deltaNanousd < 0n)) {',
    with: 'if (Date.now() < 0) {',
    tests: ['test/domain/decide', 'test/ledger/model'],
  },
  {
    name: 'epoch of a stream',
    file: 'src/domain/decide/liveHold.ts',
    remove: 'if (epoch !== undefined && hold.epoch !== epoch)',
    with: 'if (epoch === -1)',
    tests: ['test/domain/decide'],
  },
  {
    name: 'a stream is settled once',
    file: 'src/domain/decide/liveHold.ts',
    remove: 'if (isSettled(hold))',
    with: 'if (isSettled(hold) && Date.now() < 0)',
    tests: ['test/domain/decide', 'test/ledger/model'],
  },
  {
    name: 'expiry waits for the recorded progress',
    file: 'src/domain/decide/settle.ts',
    remove: 'return hold.sequence !== settledBy.sequence || hold.expiresAt > at',
    with: 'return false',
    tests: ['test/domain/decide'],
  },
  {
    name: 'trial limits',
    file: 'src/domain/decide/charge.ts',
    remove: 'user.trialRequests < rules.trial.requestsMax && amountNanousd <= roomNanousd',
    with: 'rules.trial.requestsMax > 0n && amountNanousd >= 0n && roomNanousd >= 0n && user.version >= 0n',
    tests: ['test/domain/decide'],
  },
  {
    name: 'suspended users are refused',
    file: 'src/domain/decide/charge.ts',
    remove: 'if (user.suspended) return refuse(suspended(user))',
    with: '',
    tests: ['test/domain/decide'],
  },
  {
    name: 'deadlines',
    file: 'src/ledger/lane.ts',
    remove: 'if (deadlineAtMs === undefined || deadlineAtMs > this.#settings.now()) return true',
    with: 'if (deadlineAtMs !== -1) return true',
    tests: ['test/ledger/brokenConnections'],
  },
  {
    name: 'a batch that fails for one posting is halved',
    file: 'src/ledger/groupCommit.ts',
    remove: 'if (batch.length === 1 && only !== undefined) {\n      only.reject(error)\n      return\n    }',
    with: 'for (const { reject } of batch) reject(error)\n    if (only !== undefined) return',
    tests: ['test/ledger/brokenConnections'],
  },
  {
    name: 'the server process of an unknown write is ended',
    file: 'src/ledger/laneConnection.ts',
    remove: 'if (!(await connection.endBackend(this.#suspect)))',
    with: 'if (this.#suspect.pid < 0)',
    tests: ['test/ledger/unknownOutcome'],
  },
  {
    name: 'what an unknown write wrote is no replay',
    file: 'src/ledger/queuedPosting.ts',
    remove: 'queued.sentHash === undefined || !decision.entry.hash.equals(queued.sentHash)',
    with: 'true',
    tests: ['test/ledger/unknownOutcome'],
  },
  {
    name: 'what another replica wrote is a replay',
    file: 'src/ledger/queuedPosting.ts',
    remove: 'queued.sentHash === undefined || !decision.entry.hash.equals(queued.sentHash)',
    with: 'queued.sentHash === undefined',
    tests: ['test/ledger/unknownOutcome'],
  },
  {
    name: 'what may have been written already is looked up',
    file: 'src/ledger/groupCommit.ts',
    remove: 'sentHash === undefined && ',
    with: '',
    tests: ['test/ledger/unknownOutcome'],
  },
  {
    name: 'nothing is answered before it is committed',
    file: 'src/ledger/groupCommit.ts',
    remove: 'const sentAtMs = this.#settings.now()',
    with: 'answer(batch, decided.decisions); await new Promise((resolve) => setTimeout(resolve, 10))\n    const sentAtMs = this.#settings.now()',
    tests: ['test/faults/killedServer'],
  },
  {
    name: 'users are locked in the order of their ids',
    file: 'src/database/ledger/statements.ts',
    remove: ' order by user_id for no key update',
    with: ' for no key update',
    tests: ['test/ledger/lockOrder'],
  },
  {
    name: 'a charge resolves the failure under its key',
    file: 'src/domain/decide/decide.ts',
    remove:
      "return decision.outcome === 'posted' ? { resolvesFailure: isOwed(facts), ...decision } : decision",
    with: 'return decision',
    tests: ['test/ledger/failures'],
  },
  {
    name: 'a replay resolves the failure under its key',
    file: 'src/domain/decide/decide.ts',
    remove: 'hold: facts.hold,\n    resolvesFailure: isOwed(facts),',
    with: 'hold: facts.hold,',
    tests: ['test/ledger/failures'],
  },
  {
    name: 'one whose failure was not looked up is written only if there is none',
    file: 'src/database/ledger/statements.ts',
    remove: `\n      or exists (select from credit_deduction_failures where user_id = \${userId} and key_id = \${entry.get('key_id')})`,
    with: '',
    tests: ['test/ledger/failures'],
  },
  {
    name: 'a shortfall of a stream stays owed when its key is replayed',
    file: 'src/domain/decide/decide.ts',
    remove: ' && !failure.isOfStream',
    with: '',
    tests: ['test/ledger/failures'],
  },
  {
    name: 'what was refused and then accepted in one batch is not owed',
    file: 'src/ledger/batch.ts',
    remove: 'this.#newFailures.delete(keyRefText(ref))',
    with: '',
    tests: ['test/ledger/failures'],
  },
  {
    name: 'a written-off key is refused',
    file: 'src/domain/decide/decide.ts',
    remove:
      "if (facts.failure?.state === 'written-off' && !facts.failure.isOfStream) return refused(keyWrittenOff())",
    with: '',
    tests: ['test/ledger/failures'],
  },
  {
    name: 'price: bounds of a rate',
    file: 'src/domain/rating/bounds.ts',
    remove: 'if (priceNanousd > bounds.maxNanousd) {',
    with: 'if (priceNanousd < 0n) {',
    tests: ['test/domain/bounds', 'test/pricing/feeds'],
  },
  {
    name: 'price: bounds of the blended cost',
    file: 'src/domain/rating/bounds.ts',
    remove: 'if (perThousandTimesMillion > BLENDED_BOUNDS_PER_1K.maxNanousd * tokens * 1_000_000n) {',
    with: 'if (perThousandTimesMillion < 0n) {',
    tests: ['test/domain/bounds'],
  },
  {
    name: 'price: dearest charge',
    file: 'src/billing/charges/priceCall.ts',
    remove:
      'if (amountNanousd > limits.chargeNanousdMax) throw tooDear(amountNanousd, limits.chargeNanousdMax)',
    with: '',
    tests: ['test/billing/priceCall'],
  },
  {
    name: 'price: bounds in PutPrice',
    file: 'src/billing/prices/prices.ts',
    remove: '  checkBounds(request, rateCards)\n',
    with: '',
    tests: ['test/billing/priceCall'],
  },
  {
    name: 'price: signature of a quote',
    file: 'src/pricing/quotes.ts',
    remove: '!isWhole || !timingSafeEqual(signature, signatureOf(key, fields))',
    with: '!isWhole',
    tests: ['test/pricing/quotes'],
  },
  {
    name: 'price: a quote is for one call',
    file: 'src/billing/charges/priceCall.ts',
    remove: '  checkQuote(quote, request)\n',
    with: '',
    tests: ['test/billing/priceCall'],
  },
  {
    name: 'price: a quote expires',
    file: 'src/billing/charges/priceCall.ts',
    remove: 'if (quote.expiresAt <= occurredAt) {',
    with: 'if (quote.expiresAt < new Date(0)) {',
    tests: ['test/billing/priceCall'],
  },
  {
    name: 'price: a call is not older than its price can be told',
    file: 'src/billing/charges/priceCall.ts',
    remove: 'if (occurredAt.getTime() < now.getTime() - OCCURRED_AGO_MS_MAX) {',
    with: 'if (occurredAt.getTime() < 0) {',
    tests: ['test/billing/priceCall'],
  },
  {
    name: 'price: cycle of aliases',
    file: 'src/pricing/aliases.ts',
    remove: 'if (name === alias) throw cycle(alias, model)',
    with: '',
    tests: ['test/pricing/priceBook'],
  },
  {
    name: 'price: a change that moves too far is held back',
    file: 'src/pricing/importPrices.ts',
    remove: "source === 'operator' ? undefined : tooFar(before, listed, changePercentMax)",
    with: 'undefined',
    tests: ['test/pricing/importPrices', 'test/commands/priceFeed'],
  },
  {
    name: 'price: a second source agrees on all of it',
    file: 'src/pricing/importPrices.ts',
    remove: 'agreeWithin(other.rateCards, listed.rateCards, AGREEMENT_PERCENT)',
    with: 'AGREEMENT_PERCENT > 0',
    tests: ['test/pricing/importPrices'],
  },
  {
    name: 'price: what an operator rejected stays rejected',
    file: 'src/pricing/importPrices.ts',
    remove: '!isRejected && (',
    with: '(',
    tests: ['test/pricing/importPrices'],
  },
  {
    name: 'price: a change is decided once',
    file: 'src/pricing/decidePriceChange.ts',
    remove: "if (change.state !== 'held-back') {",
    with: "if (change.changeId === '') {",
    tests: ['test/pricing/importPrices'],
  },
  {
    name: 'price: a change of a price that moved on is not approved',
    file: 'src/pricing/decidePriceChange.ts',
    remove: 'if (before?.priceId !== change.beforePriceId) {',
    with: 'if (before === undefined) {',
    tests: ['test/pricing/importPrices'],
  },
  {
    name: 'price: high-value wins over low-value',
    file: 'src/pricing/priceBook.ts',
    remove: 'if (this.#isHighValue(model) || this.#isHighValue(question.model)) return undefined',
    with: '',
    tests: ['test/pricing/priceBook'],
  },
  {
    name: 'price: the default is for low-value models alone',
    file: 'src/pricing/priceBook.ts',
    remove: 'if (!matchesWhole(model, this.settings.lowValueGlobs)) return undefined',
    with: '',
    tests: ['test/pricing/priceBook'],
  },
  {
    name: 'price: one lookup for all who miss',
    file: 'src/pricing/freshCache.ts',
    remove: 'if (flight.last !== undefined && flight.attempts > attemptsBefore) return flight.last',
    with: '',
    tests: ['test/pricing/priceBook'],
  },
  {
    name: 'price: what was read before a change is not kept',
    file: 'src/pricing/freshCache.ts',
    remove: 'if (flights === this.#flights) this',
    with: 'this',
    tests: ['test/pricing/freshCache'],
  },
  {
    name: 'price: nothing is free unless it says so',
    file: 'src/pricing/feeds/priceList.ts',
    remove: "if (isFree && !model.endsWith(':free'))",
    with: "if (isFree && model === '')",
    tests: ['test/pricing/feeds', 'test/pricing/priceFeed'],
  },
  {
    name: 'price: a free suffix that nobody lists is charged',
    file: 'src/pricing/lookup.ts',
    remove: 'model: withoutFreeSuffix(model), provider',
    with: 'model, provider',
    tests: ['test/pricing/catalog'],
  },
  {
    name: 'price: GovCloud and China are priced apart',
    file: 'src/pricing/candidates.ts',
    remove: '  if (isIsolated(model)) return written\n',
    with: '',
    tests: ['test/pricing/catalog'],
  },
  {
    name: 'price: providers that disagree are told apart',
    file: 'src/pricing/choosePrice.ts',
    remove: 'if (first === undefined || others.every((other) => isSamePrice(first, other))) return first',
    with: 'if (first !== undefined || others.length === 0) return first',
    tests: ['test/pricing/priceBook', 'test/pricing/catalog'],
  },
  {
    name: 'price: writers of the price book queue',
    file: 'src/database/prices/prices.ts',
    remove: '      .forUpdate()\n',
    with: '',
    tests: ['test/pricing/priceBook'],
  },
  {
    name: 'stream: recorded progress is of the connection that has the stream',
    file: 'src/database/holds/holds.ts',
    remove: ' and epoch = g.epoch',
    with: '',
    tests: ['test/database/holds'],
  },
  {
    name: 'stream: nothing is recorded for one that ended',
    file: 'src/database/holds/holds.ts',
    remove: " and epoch = g.epoch and state <> 'settled'",
    with: ' and epoch = g.epoch',
    tests: ['test/database/holds'],
  },
  {
    name: 'stream: one that ended is not taken over',
    file: 'src/database/holds/holds.ts',
    remove: "    .where('state', '<>', 'settled')\n    .returningAll()",
    with: '    .returningAll()',
    tests: ['test/database/holds'],
  },
  {
    name: 'stream: an older report takes nothing back',
    file: 'src/database/holds/holds.ts',
    remove: 'usage = case when l.sequence > t.sequence then l.usage else t.usage end',
    with: 'usage = l.usage',
    tests: ['test/database/holds'],
  },
  {
    name: 'stream: amended once, and only after an expiry',
    file: 'src/domain/decide/adjust.ts',
    remove: 'if (!isAmendable(hold, posting, at)) return refused(settlementIsFinal())',
    with: '',
    tests: ['test/domain/decideAdjust'],
  },
  {
    name: 'stream: amended within its time',
    file: 'src/domain/decide/adjust.ts',
    remove: 'at < status.amendableUntil',
    with: 'at > new Date(0)',
    tests: ['test/domain/decideAdjust'],
  },
  {
    name: 'stream: what was never paid is not given back',
    file: 'src/domain/decide/adjust.ts',
    remove: 'maxOf(lessNanousd - unpaidNanousd, 0n)',
    with: 'lessNanousd',
    tests: ['test/domain/decideAdjust'],
  },
  {
    name: 'stream: what was collected is not owed again',
    file: 'src/domain/decide/adjust.ts',
    remove: 'chargeOf(posting).shortfallNanousd - collectedOf(changes)',
    with: 'chargeOf(posting).shortfallNanousd - collectedOf(changes) * 0n',
    tests: ['test/domain/decideAdjust'],
  },
  {
    name: 'stream: the spend of another day is not taken off today',
    file: 'src/domain/decide/adjust.ts',
    remove: 'isOfDay(settlement.createdAt, at) ? -spentNanousd : 0n',
    with: '-spentNanousd',
    tests: ['test/domain/decideAdjust'],
  },
  {
    name: 'stream: a refused close outlives the expiry',
    file: 'src/domain/decide/settle.ts',
    remove: "if (isPending && settledBy.by === 'expiry') return {}",
    with: '',
    tests: ['test/domain/decideAdjust'],
  },
  {
    name: 'stream: a close beyond any charge settles nothing',
    file: 'src/domain/stream/ending.ts',
    remove: 'costOf(terms, usage) > chargeNanousdMax ? anomaly() : undefined',
    with: 'costOf(terms, usage) > chargeNanousdMax * 1_000_000_000n ? anomaly() : undefined',
    tests: ['test/domain/stream'],
  },
  {
    name: 'stream: a cut is told from a half-close',
    file: 'src/rpc/billing/streamSettle.ts',
    remove: "setTimeout(() => void session.hear({ type: 'half-close' }), CANCEL_GRACE_MS)",
    with: "void session.hear({ type: 'half-close' })",
    tests: ['test/rpc/streamSettle'],
  },
  {
    name: 'stream: nothing expires that could not be reported to',
    file: 'src/billing/streams/sweepHolds.ts',
    remove: 'if (quietMs < this.#billing.streams.validityMs)',
    with: 'if (quietMs < 0)',
    tests: ['test/billing/sweepHolds', 'test/rpc/streamOutage'],
  },
  {
    name: 'stream: one goes on while the database is away',
    file: 'src/domain/stream/step.ts',
    remove: 'return isLive(state) ? stay(state) : fail(state, event.error)',
    with: 'return fail(state, event.error)',
    tests: ['test/domain/stream'],
  },
  {
    name: 'stream: a report that uses the stretch up is not taken in silence',
    file: 'src/domain/stream/stretchUse.ts',
    remove: ' || isUsedUpBy(live, usage)',
    with: '',
    tests: ['test/domain/stream'],
  },
  {
    name: 'rollout: a schema that a later release took from is refused',
    file: 'src/database/schemaVersion.ts',
    remove: 'release !== undefined && isOlder(version, release)',
    with: 'release !== undefined && isOlder(release, version)',
    tests: ['test/faults/rollout'],
  },
  {
    name: 'rollout: a schema that lacks what is needed is refused',
    file: 'src/database/schemaVersion.ts',
    remove: 'if (applied.includes(MIGRATION_NEEDED)) return undefined',
    with: 'return undefined',
    tests: ['test/faults/rollout'],
  },
  {
    name: 'access: a method asks for its scope',
    file: 'src/rpc/server/auth.ts',
    remove: '!scopes.some((scope) => token.scopes.includes(scope))',
    with: 'scopes.length === 0',
    tests: ['test/rpc/auth'],
  },
  {
    name: 'access: a token is known by its hash',
    file: 'src/rpc/server/auth.ts',
    remove: 'if (timingSafeEqual(token.hash, shown)) found = token',
    with: 'if (timingSafeEqual(token.hash, token.hash)) found ??= token',
    tests: ['test/rpc/auth'],
  },
  {
    name: 'access: a broken line of the tokens file is not quoted',
    file: 'src/rpc/server/auth.ts',
    remove: "return 'the second word must be a SHA-256 of 64 hexadecimal digits'",
    with: 'return hash',
    tests: ['test/rpc/auth'],
  },
  {
    name: 'access: nothing of a message is read before its caller is let in',
    file: 'src/rpc/server/admission.ts',
    remove: 'refuse(call, { gate, path, error })\n        return',
    with: 'listener.onReceiveMessage = () => refuse(call, { gate, path, error })',
    tests: ['test/rpc/admission'],
  },
  {
    name: 'access: every method has its gate',
    file: 'src/rpc/server/server.ts',
    remove: 'settings.gates.set(path, {',
    with: "settings.gates.set(requestStream ? '' : path, {",
    tests: ['test/rpc/auth'],
  },
  {
    name: 'access: a token has so many calls a second',
    file: 'src/rpc/server/auth.ts',
    remove: 'rateLimit?.take(token)',
    with: '',
    tests: ['test/rpc/callLimits'],
  },
  {
    name: 'access: metadata has a size',
    file: 'src/rpc/server/server.ts',
    remove: 'checkMetadataSize(metadata, metadataBytesMax)',
    with: '',
    tests: ['test/rpc/callLimits'],
  },
  {
    name: 'access: a message has a size',
    file: 'src/rpc/server/server.ts',
    remove: "'grpc.max_receive_message_length': messageBytesMax,",
    with: '',
    tests: ['test/rpc/callLimits'],
  },
  {
    name: 'access: a connection has so many calls at once',
    file: 'src/rpc/server/server.ts',
    remove: "'grpc.max_concurrent_streams': connectionCallsMax,",
    with: '',
    tests: ['test/rpc/callLimits'],
  },
  {
    name: 'access: without tokens on loopback alone',
    file: 'src/config/config.ts',
    remove: 'if (host === undefined || hasTokens || isLoopback(host)) return',
    with: 'return',
    tests: ['test/config'],
  },
  {
    name: 'access: a client certificate is demanded',
    file: 'src/rpc/server/serverCredentials.ts',
    remove: 'demandsCertificate ? provider : null,\n    demandsCertificate,',
    with: 'demandsCertificate ? provider : null,\n    false,',
    tests: ['test/rpc/tls'],
  },
  {
    name: 'access: what grpc-js refuses has details',
    file: 'src/rpc/server/server.ts',
    remove: 'withDetails, letGo],',
    with: 'letGo],',
    tests: ['test/rpc/libraryErrors'],
  },
  {
    name: 'access: a refused call is let go',
    file: 'src/rpc/server/resetAfterRefusal.ts',
    remove: 'const isRefusal = !stream.headersSent',
    with: 'const isRefusal = false',
    tests: ['test/rpc/openCalls'],
  },
  {
    name: 'access: a stranger says no more than a name',
    file: 'src/rpc/server/anonymousCallLimiter.ts',
    remove: '    readNoMoreThan(call, MESSAGE_BYTES_MAX)\n',
    with: '',
    tests: ['test/rpc/openCalls'],
  },
  {
    name: 'access: a stranger asks a few times at once',
    file: 'src/rpc/server/anonymousCallLimiter.ts',
    remove: 'if (running >= AT_ONCE_MAX) {',
    with: 'if (false) {',
    tests: ['test/rpc/openCalls'],
  },
  {
    name: 'access: whoever reads no answers of reflection is asked for no questions',
    file: 'src/rpc/server/reflection.ts',
    remove: '          call.pause()\n',
    with: '',
    tests: ['test/rpc/openCalls'],
  },
  {
    name: 'access: a made-up page token raises no alert of drift',
    file: 'src/rpc/reconcile/reconcile.ts',
    remove: 'isTokenOfCaller: true,',
    with: '',
    tests: ['test/billing/reconcile.test'],
  },
  {
    name: 'access: sums of spend leave connections to gateways',
    file: 'src/billing/users/summarizeSpend.ts',
    remove: 'if (turns.isLocked())',
    with: 'if (false)',
    tests: ['test/rpc/summarizeSpend'],
  },
  {
    name: 'metrics: a deadline is no call that its client gave up',
    file: 'src/rpc/server/unary.ts',
    remove: 'call.cancelled ? cutCodeOf(call) : code',
    with: 'call.cancelled ? status.CANCELLED : code',
    tests: ['test/rpc/server.test'],
  },
  {
    name: 'access: a half surrogate in a message does not end the server',
    file: 'src/rpc/server/errors.ts',
    remove: "message.replaceAll(/\\p{Surrogate}/gu, '\\ufffd')",
    with: 'message',
    tests: ['test/rpc/errors'],
  },
]

// A removal that makes the tests hang is an error to look at: nothing failed, so nothing noticed.
const RUN_MS_MAX = 300_000

const HELP = `Usage: npm run guards [-- NAME…] [--check]

Removes each guard of the books in turn and shows that the tests notice. With names (or parts of them), only those.
With --check nothing is removed and no test is run: it is only seen whether each guard is still where this script looks for it.
Exits 0 when every removal turned the tests red, 1 otherwise.`

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const wanted = process.argv.slice(2)
if (wanted.includes('--help')) {
  console.log(HELP)
  process.exit(0)
}
if (wanted.includes('--check')) {
  const complaints = complaintsAbout(GUARDS)
  for (const complaint of complaints) console.log(complaint)
  process.exit(complaints.length === 0 ? 0 : 1)
}
const guards = GUARDS.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
if (guards.length === 0) {
  console.error(
    `no guard is called ${wanted.join(', ')}; there are:\n  ${GUARDS.map(({ name }) => name).join('\n  ')}`,
  )
  process.exit(2)
}

install()
const copy = mkdtempSync(join(tmpdir(), 'tollgate-guards-'))
let failures = 0
try {
  for (const entry of [
    'src',
    'test',
    'proto',
    'migrations',
    'helm',
    'docs',
    'Dockerfile',
    'scripts',
    'package.json',
    'jest.config.js',
    'tsconfig.json',
  ]) {
    cpSync(join(root, entry), join(copy, entry), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const untouched = runTests([...new Set(guards.flatMap(({ tests }) => tests))], 3 * RUN_MS_MAX)
  if (untouched.failed > 0 || untouched.passed === 0) {
    console.error('the tests fail with all guards in place; mend that first')
    process.exitCode = 1
  } else {
    console.log(`green  with all guards in place (${untouched.passed} tests)`)
    for (const guard of guards) if (!goesRed(guard)) failures++
    console.log(`${guards.length - failures} of ${guards.length} guards are watched by a test`)
    if (failures > 0) process.exitCode = 1
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}

/** What a refactoring left behind: a guard that can't be removed any more is one that nobody watches. */
function complaintsAbout(guards) {
  const testFiles = readdirSync(join(root, 'test'), { recursive: true })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test', file))
  const names = new Set()
  return guards.flatMap(({ name, file, remove, with: replacement, tests }) => {
    const complaints = []
    const times = occurrences(remove, join(root, file))
    if (times !== 1) complaints.push(`its passage occurs ${times} times in ${file}`)
    if (remove === replacement) complaints.push('its removal changes nothing')
    if (tests.length === 0) complaints.push('it names no tests')
    for (const test of tests)
      if (!testFiles.some((testFile) => testFile.includes(test))) complaints.push(`there is no ${test}`)
    if (names.has(name)) complaints.push('there is another one of this name')
    names.add(name)
    return complaints.map((complaint) => `${name}: ${complaint}`)
  })
}

function occurrences(passage, path) {
  return existsSync(path) ? readFileSync(path, 'utf8').split(passage).length - 1 : 0
}

function goesRed({ name, file, remove, with: replacement, tests }) {
  const path = join(copy, file)
  const source = readFileSync(path, 'utf8')
  const parts = source.split(remove)
  if (parts.length !== 2) {
    console.log(
      `LOST   ${name}: its passage occurs ${parts.length - 1} times in ${file}; bring this script up to date`,
    )
    return false
  }
  writeFileSync(path, parts.join(replacement))
  try {
    const { failed } = runTests(tests)
    console.log(
      failed > 0 ? `red    without: ${name} (${failed} tests)` : `GREEN  without: ${name}; nothing noticed`,
    )
    return failed > 0
  } catch (error) {
    console.log(`ERROR  without: ${name}: ${error.message}`)
    return false
  } finally {
    writeFileSync(path, source)
  }
}

/** Only failing assertions count as noticing: a source that no longer compiles proves nothing. */
function runTests(tests, msMax = RUN_MS_MAX) {
  const { stdout, stderr, error } = spawnSync(
    process.execPath,
    // A test that fails may leave something running.
    [
      join(root, 'node_modules/jest/bin/jest.js'),
      '--forceExit',
      '--json',
      '--silent',
      '--testTimeout=30000',
      ...tests,
    ],
    { cwd: copy, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024, timeout: msMax },
  )
  if (error !== undefined) throw error
  const start = stdout.indexOf('{"num')
  if (start < 0) throw new Error(`the tests did not run:\n${stderr}`)
  const { numFailedTests, numPassedTests, numRuntimeErrorTestSuites } = JSON.parse(stdout.slice(start))
  if (numRuntimeErrorTestSuites > 0) throw new Error(`a test file did not load:\n${stderr}`)
  return { failed: numFailedTests, passed: numPassedTests }
}
