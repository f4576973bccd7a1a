import { type Cipher, createCipheriv, createHash } from 'node:crypto'

/** Numbers and bytes that look random and are the same for the same seed. */
export class Randomness {
  readonly #stream: Cipher

  constructor(seed: string) {
    const key = createHash('sha256').update(seed).digest()
    this.#stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  }

  bytes(length: number): Buffer {
    return this.#stream.update(Buffer.alloc(length))
  }

  /** From 0 to below `bound`, at most 2^32. */
  below(bound: number): number {
    return this.bytes(4).readUInt32BE() % bound
  }

  /** Once in `outOf` times. */
  once(outOf: number): boolean {
    return this.below(outOf) === 0
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }
}
