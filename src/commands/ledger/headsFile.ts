import { createInterface } from 'node:readline'
import { SetupError } from '../../setupError'
import type { LedgerHead } from '../../wire/generated/tollgate/billing/v1/LedgerHead'

/**
 * Heads as `tollgate ledger heads` wrote them, as JSON lines or CSV, so many at a time.
 *
 * @throws SetupError that names the line which is neither
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
      const head = text.startsWith('{') ? headOfJson(text) : headOfCsv(text)
      if (head === undefined) throw new SetupError(`${name}, line ${line}: is not a head as it was exported`)
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

/** An id is quoted where it could be taken for something else: it may hold anything but white space. */
export function csvOfHead(head: { userId: string; version: string; hash: Buffer; at: string }): string {
  const user = /^\{|[",]/.test(head.userId) ? `"${head.userId.replaceAll('"', '""')}"` : head.userId
  return [user, head.version, head.hash.toString('base64'), head.at].join(',')
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
  return headOf(quoted?.replaceAll('""', '"') ?? bare, version, hash)
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
