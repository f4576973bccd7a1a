import type { Scenario } from '../../clients/conformance/protocol'
import { languages, NOT_YET } from '../../clients/conformance/run/languages'
import { type Played, play } from '../../clients/conformance/run/play'
import { World } from '../../clients/conformance/run/world'
import { SCENARIOS } from '../../clients/conformance/scenarios/all'

/** `npm run test:clients` has the outages of the published figures; here they are shorter. */
const OUTAGE_MS = Number(process.env['CONFORMANCE_OUTAGE_MS'] ?? 2_000)

const LANGUAGES = languages()
const playsIt = (name: string, { name: scenario }: Scenario) => NOT_YET[name]?.test(scenario) !== true

jest.setTimeout(180_000 + 3 * OUTAGE_MS)

let world: World

beforeAll(async () => {
  world = await World.start()
})

afterAll(() => world?.stop())

const CASES = SCENARIOS.map((scenario, number) => ({
  name: scenario.name,
  scenario,
  number,
  languages: LANGUAGES.filter(({ name }) => playsIt(name, scenario)),
})).filter(({ languages }) => languages.length > 0)

describe.each(CASES)('$name', ({ scenario, number, languages }) => {
  let played: Map<string, Played>

  beforeAll(async () => {
    played = await play(world, scenario, { languages, outageMs: OUTAGE_MS, number })
  })

  test.each(languages.map(({ name }) => name))('%s', (name) => {
    const { problem, expectedNanousd, ledger } = played.get(name) as Played
    expect({ problem, ...ledger }).toEqual({
      problem: undefined,
      chargedNanousd: expectedNanousd,
      entries: scenario.entries,
      failuresNanousd: scenario.failuresNanousd ?? 0n,
      heldNanousd: 0n,
      wrong: [],
    })
  })
})
