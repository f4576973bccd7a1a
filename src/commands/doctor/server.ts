import { connectTollgate, type TollgateClient } from '../../../clients/node/src/connect'
import { TollgateError } from '../../../clients/node/src/errors'
import { askHealth } from '../../../clients/node/src/health'
import { causeIn, connectionOf, type RemoteOptions } from '../remote'
import { type Finding, failed, ok, warning } from './finding'

const ANSWER_MS_MAX = 5_000

/** The running server at `--address`: whether it is serving, and the token's scopes. */
export async function examineServer(options: RemoteOptions & { address: string }): Promise<Finding[]> {
  const settings = connectionOf(options, options.address)
  try {
    const startedMs = performance.now()
    const health = await askHealth(settings, ANSWER_MS_MAX)
    const ms = Math.round(performance.now() - startedMs)
    if (health !== 'SERVING')
      return [
        failed(
          `the server at ${options.address} answers, and doesn't serve (${health})`,
          'It is starting or draining; its log says which.',
        ),
      ]
    return [
      ok(`the server at ${options.address} serves; it answered in ${ms} ms`),
      ...(await access(settings)),
    ]
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error
    return [
      failed(
        `no server answers at ${options.address}: ${causeIn(error.message)}`,
        'Is it running there? Use --tls if it serves TLS, and --tls-cert and --tls-key if it requires a client certificate.',
      ),
    ]
  }
}

/** One method per scope that changes nothing. */
async function access(settings: Parameters<typeof connectTollgate>[0]): Promise<Finding[]> {
  const client = connectTollgate({ ...settings, retry: { retriesMax: 0 } })
  try {
    const read = await refusalOf(() => client.listPrices({ pageSize: 1 }, { timeoutMs: ANSWER_MS_MAX }))
    if (read === undefined) return [ok('the token may read'), await prices(client)]
    if (read.reason === 'SCOPE_MISSING') return [ok("the token may not read: it is a gateway's")]
    const isToken = read.reason === 'TOKEN_MISSING' || read.reason === 'TOKEN_UNKNOWN'
    const advice = isToken
      ? 'Give one that it knows with --token-file or TOLLGATE_TOKEN_FILE.'
      : "See the server's log, and its /readyz."
    return [(isToken ? warning : failed)(`${read.message} (${read.reason})`, advice)]
  } finally {
    client.close()
  }
}

async function prices(client: TollgateClient): Promise<Finding> {
  const { changes } = await client.listPriceChanges({ state: 'PRICE_CHANGE_STATE_HELD_BACK', pageSize: 100 })
  if (changes.length === 0) return ok('it holds back no price change')
  return warning(
    `it holds back ${changes.length === 100 ? '100 price changes or more' : changes.length === 1 ? 'one price change' : `${changes.length} price changes`}`,
    '`tollgate prices changes --state held-back` shows them; then approve or reject each.',
  )
}

async function refusalOf(call: () => Promise<unknown>): Promise<TollgateError | undefined> {
  try {
    await call()
    return undefined
  } catch (error) {
    if (error instanceof TollgateError) return error
    throw error
  }
}
