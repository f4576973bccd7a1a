// `npm test`, on a fresh clone too.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { install, root } from './prepare.mjs'

const HELP = `npm test -- [paths …] [options of jest]

  npm test                                    all tests but those below
  npm test -- test/ledger -t 'lost COMMIT'    some of them; \`npx jest --help\` lists the options
  npm test -- test/faults                     killed processes, and a few faults of each scenario
                                              (\`npm run test:faults\`: hundreds of faults)
  npm test -- test/client/package             the packed Node client, installed in an empty folder
  npm test -- test/chart/rendered             what helm renders, as \`npm run check -- chart\` does
`

/** These run when they are named: they take long, or fetch packages from npm's registry. */
const ON_DEMAND = ['test/faults', 'test/client/package.test.ts', 'test/chart/rendered']

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(HELP)
  process.exit(0)
}
install()
const isNamed = (folder) => args.some((arg) => arg.startsWith('test/') && `${folder}/`.startsWith(arg))
const isInside = (folder) => args.some((arg) => arg.startsWith(folder))
const left = ON_DEMAND.filter((folder) => !isNamed(folder) && !isInside(folder))
const ignored = ['/node_modules/', ...left].map((path) => `--testPathIgnorePatterns=${path}`)
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js')
// Last, because jest takes any number of patterns after the option.
const { status } = spawnSync(process.execPath, [jest, ...args, ...ignored], { cwd: root, stdio: 'inherit' })
process.exit(status ?? 1)
