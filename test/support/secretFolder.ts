import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder like a secret mounted by Kubernetes: each file is a symlink into a folder that a symlink swap replaces as a whole. */
export class SecretFolder {
  readonly #folder = mkdtempSync(join(tmpdir(), 'secret-'))
  #version = 0

  constructor(files: Record<string, string | Buffer>) {
    this.put(files)
    for (const name of Object.keys(files)) symlinkSync(join('..data', name), this.path(name))
  }

  path(name: string): string {
    return join(this.#folder, name)
  }

  put(files: Record<string, string | Buffer>): void {
    const version = `..version-${++this.#version}`
    mkdirSync(join(this.#folder, version))
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(this.#folder, version, name), content)
    symlinkSync(version, join(this.#folder, '..data_tmp'))
    renameSync(join(this.#folder, '..data_tmp'), join(this.#folder, '..data'))
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true })
  }
}
