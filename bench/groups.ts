import type { GroupName } from '../src/commands/bench/options'
import type { RowGroup } from './bench'
import { budgetRows } from './rows/budgets'
import { engineRows } from './rows/engine'
import { grpcRows } from './rows/grpc'
import { hotUserRows } from './rows/hotUser'
import { largeRows } from './rows/large'
import { oneAtATimeRows } from './rows/oneAtATime'
import { readRows } from './rows/reads'
import { reconcileRows } from './rows/reconcile'
import { replicaRows } from './rows/replicas'
import { stageRows } from './rows/stages'
import { streamRows } from './rows/streams'

/** The function that measures each part of the table. */
export const groups = {
  engine: engineRows,
  hot: hotUserRows,
  budgets: budgetRows,
  single: oneAtATimeRows,
  grpc: grpcRows,
  stages: stageRows,
  replicas: replicaRows,
  streams: streamRows,
  reads: readRows,
  reconcile: reconcileRows,
  large: largeRows,
} satisfies Record<GroupName, RowGroup>
