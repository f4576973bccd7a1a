import type { Scenario } from '../../clients/conformance/protocol'
import { writeFigures } from '../../clients/conformance/run/figures'
import { languages } from '../../clients/conformance/run/languages'
import { type Played, play } from '../../clients/conformance/run/play'
import { World } from '../../clients/conformance/run/world'
import { SCENARIOS } from '../../clients/conformance/scenarios/all'

/** `npm run test:clients` has the outages of the published figures; here they are shorter. */
const OUTAGE_MS = Number(process.env['CONFORMANCE_OUTAGE_MS'] ?? 2_000)

const LANGUAGES = languages()
const CASES: [string, Scenario, number][] = SCENARIOS.map((scenario, number) => [
  scenario.name,
  scenario,
  number,
])

jest.setTimeout(180_000 + 3 * OUTAGE_MS)

let world: World

beforeAll(async () => {
  world = await World.start()
})

const allPlayed = new Map<Scenario, Map<string, Played>>()

afterAll(async () => {
  await world?.stop()
  const page = process.env['CONFORMANCE_PAGE']
  const names = LANGUAGES.map(({ name }) => name)
  if (page !== undefined) writeFigures(page, { languages: names, outageMs: OUTAGE_MS, played: allPlayed })
})

describe.each(CASES)('%s', (_name, scenario, number) => {
  let played: Map<string, Played>

  beforeAll(async () => {
    played = await play(world, scenario, { languages: LANGUAGES, outageMs: OUTAGE_MS, number })
    allPlayed.set(scenario, played)
  })

  test.each(LANGUAGES.map(({ name }) => name))('%s', (name) => {
    const { problem, expectedNanousd, ledger } = played.get(name) as Played
    expect({ problem, ...ledger }).toEqual({
      problem: undefined,
      chargedNanousd: expectedNanousd,
      charges: scenario.charges,
      failuresNanousd: scenario.failuresNanousd ?? 0n,
      heldNanousd: 0n,
      wrong: [],
    })
  })
})
