import { statSync } from 'node:fs'
import { SetupError } from '../../setupError'

/** @throws SetupError if it is not a folder; a mistyped one must not be created */
export function existingDir(dir: string): string {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true) return dir
  throw new SetupError(
    `There is no spool at ${dir}. Name the folder with --dir; a server's is TOLLGATE_DATA_DIR/spool.`,
  )
}
