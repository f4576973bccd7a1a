import { statSync } from 'node:fs'
import { SetupError } from '../../setupError'

/** @throws SetupError where it isn't a folder; one that is named by mistake is not to be made. */
export function existingDir(dir: string): string {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true) return dir
  throw new SetupError(
    `There is no spool at ${dir}. Name the folder with --dir; a server's is TOLLGATE_DATA_DIR/spool.`,
  )
}
