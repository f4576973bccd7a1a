import type { SpendDimension } from '../../wire/generated/tollgate/billing/v1/SpendDimension'

/** A column of the answer, and its dimension on the wire. */
export interface Dimension {
  name: string
  wire: SpendDimension
}
