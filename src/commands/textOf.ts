import { readFileSync } from 'node:fs'
import { SetupError } from '../setupError'

/** A file's text; `-` is standard input. */
export function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? process.stdin.fd : file, 'utf8')
  } catch (error) {
    throw new SetupError(
      `${file === '-' ? 'standard input' : file} can't be read: ${(error as Error).message}`,
    )
  }
}
