// A process that attacks a server: `fromSource.js test/support/attacks/main <attack> <address> <ms>`. Tokens come from the
// environment. What it did is its output.
import { type AttackName, attacks } from './attacks'
import type { Target } from './target'

const [, , name = '', address = '', ms = ''] = process.argv
const tokens = JSON.parse(process.env['TOKENS'] ?? '{}') as Target['tokens']

attacks[name as AttackName]({ address, tokens, untilMs: performance.now() + Number(ms) }).then(
  (did) => process.stdout.write(String(did), () => process.exit(0)),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`)
    process.exit(1)
  },
)
