import type { Scenario } from '../protocol'
import { CHARGES } from './charges'
import { HOLDS } from './holds'
import { OUTAGES } from './outages'
import { STREAMS } from './streams'

export const SCENARIOS: readonly Scenario[] = [...CHARGES, ...HOLDS, ...STREAMS, ...OUTAGES]
