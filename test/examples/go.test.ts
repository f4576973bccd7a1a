import { execFile } from 'node:child_process'
import { constants } from 'node:http2'
import { promisify } from 'node:util'
import { Http2Way } from '../support/http2Way'
import { cardOf } from '../support/priceBooks'
import { startTestServer } from '../support/server'

/** The example as `examples/go/build.sh` built it; CI does so where there is a Go. */
const program = process.env['TOLLGATE_TEST_GO']

// Without it, this is reported as skipped.
;(program === undefined ? test.skip : test)(
  'the Go example charges, holds and meters, one charge over a stream that is reset',
  async () => {
    const server = await startTestServer()
    const way = await Http2Way.to(server.address)
    // CreateUser, GrantCredits, PriceQuote; the answer to ChargeUsage is lost.
    way.resets.push(undefined, undefined, undefined, constants.NGHTTP2_INTERNAL_ERROR)
    try {
      await server.billing.prices.putPrice({
        model: 'test-model',
        provider: '',
        rateCards: [cardOf({ INPUT_TOKENS: 1, OUTPUT_TOKENS: 10 })],
      })
      const env = { MODEL: 'test-model' }
      const { stdout } = await promisify(execFile)(program as string, [way.address], { env })
      expect(stdout.split('\n')).toEqual([
        'PriceQuote      at most $0.004200000, affordable: true',
        'Charge          $0.004200000, replayed: true',
        'the same again  $0.004200000, replayed: true',
        'a stranger      USER_NOT_FOUND',
        'Hold            $0.003100000',
        'Meter           2000 words, $0.020100000',
        '',
      ])
      expect(way.resets).toEqual([])
    } finally {
      way.close()
      await server.stop()
    }
  },
)
