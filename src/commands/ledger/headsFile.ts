import { createInterface } from 'node:readline'
import { SetupError } from '../../setupError'
import type { LedgerHead } from '../../wire/generated/tollgate/billing/v1/LedgerHead'
import { csvLine, textOfCell } from '../csv'

/**
 * Reads heads that `tollgate ledger heads` wrote, as JSON lines or CSV, in chunks.
 *
 * @throws SetupError naming the first line that is neither
 */
export async function* readHeadsFile(
  name: string,
  input: NodeJS.ReadableStream,
  chunkSize: number,
): AsyncGenerator<LedgerHead[]> {
  let heads: LedgerHead[] = []
  let line = 0
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1
      if (text.trim() === '' || text.startsWith('user,version,')) continue
      const head = text.startsWith('{"') ? headOfJson(text) : headOfCsv(text)
      if (head === undefined)
        throw new SetupError(`${name}, line ${line}: is not a head as 'ledger heads' writes it`)
      heads.push(head)
      if (heads.length < chunkSize) continue
      yield heads
      heads = []
    }
  } catch (error) {
    if (error instanceof SetupError || !isFileError(error)) throw error
    throw new SetupError(`${name} can't be read: ${error.message}`)
  }
  if (heads.length > 0) yield heads
}

/** One line of CSV that {@link readHeadsFile} reads. */
export function csvOfHead(head: { userId: string; version: string; hash: Buffer; at: string }): string {
  return csvLine([head.userId, head.version, head.hash.toString('base64'), head.at])
}

export const CSV_HEADER = 'user,version,hash,at'

function headOfJson(text: string): LedgerHead | undefined {
  try {
    const { userId, version, hash } = JSON.parse(text) as Record<string, unknown>
    return headOf(userId, version, hash)
  } catch {
    return undefined
  }
}

function headOfCsv(text: string): LedgerHead | undefined {
  const [, quoted, bare, version, hash] = /^(?:"((?:[^"]|"")*)"|([^",]*)),(\d+),([^,]*),/.exec(text) ?? []
  const user = quoted?.replaceAll('""', '"') ?? bare
  return headOf(user && textOfCell(user), version, hash && textOfCell(hash))
}

function headOf(userId: unknown, version: unknown, hash: unknown): LedgerHead | undefined {
  if (typeof userId !== 'string' || userId === '') return undefined
  if (typeof version !== 'string' || !/^\d{1,18}$/.test(version)) return undefined
  if (typeof hash !== 'string') return undefined
  const bytes = Buffer.from(hash, 'base64')
  return bytes.length === 32 ? { userId, version, hash: bytes } : undefined
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
