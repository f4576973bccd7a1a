import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { templateOf, type UnaryMethod } from './http2/template'
import type { Load } from './load'
import { run } from './programs'

const CONNECTIONS = 4

/** Calls per second of one unary method, by h2load, always with the same body. */
export async function h2load(
  program: string,
  { address, method, load }: { address: string; method: UnaryMethod; load: Load },
): Promise<number> {
  const { path, message } = templateOf(method)
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-h2load-'))
  try {
    const body = join(folder, 'body.bin')
    writeFileSync(body, message)
    const output = await run(
      program,
      [
        ...['-D', seconds(load.durationMs), `--warm-up-time=${seconds(load.warmUpMs)}`],
        ...['-c', String(CONNECTIONS), '-m', String(Math.ceil(load.inFlight / CONNECTIONS)), '-d', body],
        ...['-H', 'content-type: application/grpc', '-H', 'te: trailers', `http://${address}${path}`],
      ],
      load.durationMs + load.warmUpMs + 60_000,
    )
    const rate = /finished in [^,]*, ([\d.]+) req\/s/.exec(output)?.[1]
    if (rate === undefined) throw new Error(`h2load printed no rate:\n${output}`)
    return Number(rate)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.round(ms / 1_000))}s`
}
