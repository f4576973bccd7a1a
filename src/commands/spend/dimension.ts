import type { SpendDimension } from '../../wire/generated/tollgate/billing/v1/SpendDimension'

/** A column of the answer, and what it is on the wire. */
export interface Dimension {
  name: string
  wire: SpendDimension
}
