import { rawAttacks } from './rawAttacks'
import type { Target } from './target'
import { tokenAttacks } from './tokenAttacks'

export const attacks = { ...rawAttacks, ...tokenAttacks } satisfies Record<
  string,
  (target: Target) => Promise<number | string>
>

export type AttackName = keyof typeof attacks
