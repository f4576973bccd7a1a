import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SetupError } from './setupError'

/**
 * Makes a folder where temporary files go, for a Postgres of one's own.
 *
 * @throws SetupError where nothing can be written there, as in a container with a read-only root
 */
export function temporaryFolder(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix))
  } catch (error) {
    throw new SetupError(
      `A Postgres of its own needs a folder in ${tmpdir()}, where none can be made: ${(error as Error).message}.`,
    )
  }
}
