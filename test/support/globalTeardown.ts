import { rmSync } from 'node:fs'
import type { EmbeddedPostgres } from '../../src/database/embedded/start'

const kept = globalThis as { testPostgres?: { postgres: EmbeddedPostgres; dataDir: string } }

export function keepForTeardown(postgres: EmbeddedPostgres, dataDir: string): void {
  kept.testPostgres = { postgres, dataDir }
}

export default async function globalTeardown(): Promise<void> {
  if (kept.testPostgres === undefined) return
  const { postgres, dataDir } = kept.testPostgres
  await postgres.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
