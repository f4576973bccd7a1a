import type { RowGroup } from './bench'
import { engineRows } from './rows/engine'
import { grpcRows } from './rows/grpc'
import { hotUserRows } from './rows/hotUser'
import { largeRows } from './rows/large'
import { oneAtATimeRows } from './rows/oneAtATime'
import { replicaRows } from './rows/replicas'
import { streamRows } from './rows/streams'

/** The parts of the table, in its order. */
export const groups = {
  engine: engineRows,
  hot: hotUserRows,
  single: oneAtATimeRows,
  grpc: grpcRows,
  replicas: replicaRows,
  streams: streamRows,
  large: largeRows,
} satisfies Record<string, RowGroup>

export type GroupName = keyof typeof groups

export const groupNames = Object.keys(groups) as GroupName[]

export function isGroupName(name: string): name is GroupName {
  return name in groups
}
