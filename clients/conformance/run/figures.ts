import { readFileSync, writeFileSync } from 'node:fs'
import type { Scenario } from '../protocol'
import type { Played } from './play'

const BEGIN = '<!-- figures -->'
const END = '<!-- end of figures -->'

/**
 * Writes what is on the ledger after each scenario into a page, between its marks. In nano-dollars.
 */
export function writeFigures(
  page: string,
  {
    languages,
    outageMs,
    played,
  }: { languages: string[]; outageMs: number; played: Map<Scenario, Map<string, Played>> },
): void {
  const rows = [...played].map(([scenario, byLanguage]) => {
    const expected = [...byLanguage.values()].map(({ expectedNanousd }) => grouped(expectedNanousd))
    const isOneAmount = typeof scenario.chargedNanousd === 'bigint'
    const charged = languages.map((name, index) => {
      const nanousd = byLanguage.get(name)?.ledger.chargedNanousd
      if (nanousd === undefined) return ''
      return isOneAmount ? grouped(nanousd) : `${grouped(nanousd)} of ${expected[index]}`
    })
    return [scenario.name, isOneAmount ? expected[0] : 'what was delivered', scenario.charges, ...charged]
  })
  const head = ['scenario', 'must be on the ledger', 'charges', ...languages]
  const lines = [head, head.map((_name, index) => (index === 0 ? '---' : '--:')), ...rows]
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  const text = readFileSync(page, 'utf8')
  const [before, rest = ''] = text.split(BEGIN)
  const [, after = ''] = rest.split(END)
  const outages = `With outages of ${outageMs / 1_000} s, and of twice that.`
  writeFileSync(page, `${before}${BEGIN}\n${outages}\n\n${table}\n${END}${after}`)
}

function grouped(nanousd: bigint): string {
  return nanousd.toString().replace(/\B(?=(\d{3})+$)/g, ',')
}
