import type { ReconcileResponse__Output } from '../../wire/generated/tollgate/billing/v1/ReconcileResponse'
import { note } from '../print'

const BAR_WIDTH = 24
/** If the output is not a terminal, a line at intervals, for the log of a job. */
const LINE_EVERY_MS = 30_000

type PageCounts = Pick<ReconcileResponse__Output, 'usersChecked' | 'entriesChecked' | 'usersTotal'>

/** Shows progress: a bar on a terminal, occasional lines elsewhere. On stderr, so that stdout has only the answer. */
export class ReconcileProgress {
  users = 0
  entries = 0
  #usersTotal = 0
  #lastLineMs = performance.now()

  add(page: PageCounts, findings: number): void {
    this.users += Number(page.usersChecked)
    this.entries += Number(page.entriesChecked)
    this.#usersTotal = Math.max(this.#usersTotal, Number(page.usersTotal))
    const counts = `${this.users.toLocaleString('en')} of ${this.#usersTotal.toLocaleString('en')} users, ${this.entries.toLocaleString('en')} entries, ${findings} found`
    if (process.stderr.isTTY) {
      process.stderr.write(`\r${barOf(this.users, this.#usersTotal)} ${counts}\u001b[K`)
    } else if (performance.now() - this.#lastLineMs >= LINE_EVERY_MS) {
      this.#lastLineMs = performance.now()
      note(counts)
    }
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K')
  }
}

/** Users created meanwhile may raise the count above the total. */
function barOf(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.round(share * BAR_WIDTH)
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${String(Math.floor(share * 100)).padStart(3)} %`
}
