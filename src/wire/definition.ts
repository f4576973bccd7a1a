import { join } from 'node:path'
import { loadSync, type Options, type PackageDefinition } from '@grpc/proto-loader'
import { packageRoot } from '../packageRoot'
import type { HealthDefinition } from './generated/grpc/health/v1/Health'
import type { BillingServiceDefinition } from './generated/tollgate/billing/v1/BillingService'
import type { BudgetServiceDefinition } from './generated/tollgate/billing/v1/BudgetService'
import type { PriceServiceDefinition } from './generated/tollgate/billing/v1/PriceService'
import type { ReconciliationServiceDefinition } from './generated/tollgate/billing/v1/ReconciliationService'
import type { UserServiceDefinition } from './generated/tollgate/billing/v1/UserService'

/** As `generated/` types messages: int64 as decimal strings, enums by name, unset fields with their defaults. */
const LOADER_OPTIONS = {
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
  includeDirs: [join(packageRoot, 'proto')],
} satisfies Options

/** Loads files of `proto/`, by their paths in it. The result holds services and messages by full name. */
export function loadProtos(...files: string[]): PackageDefinition {
  return loadSync(files, LOADER_OPTIONS)
}

const definitions = loadProtos(
  'tollgate/billing/v1/billing_service.proto',
  'tollgate/billing/v1/admin_services.proto',
  'tollgate/billing/v1/budget_service.proto',
  'grpc/health/v1/health.proto',
)

/** The contract's services, by full name. */
export const services = {
  'tollgate.billing.v1.BillingService': serviceOf<BillingServiceDefinition>(
    'tollgate.billing.v1.BillingService',
  ),
  'tollgate.billing.v1.UserService': serviceOf<UserServiceDefinition>('tollgate.billing.v1.UserService'),
  'tollgate.billing.v1.BudgetService': serviceOf<BudgetServiceDefinition>(
    'tollgate.billing.v1.BudgetService',
  ),
  'tollgate.billing.v1.PriceService': serviceOf<PriceServiceDefinition>('tollgate.billing.v1.PriceService'),
  'tollgate.billing.v1.ReconciliationService': serviceOf<ReconciliationServiceDefinition>(
    'tollgate.billing.v1.ReconciliationService',
  ),
}

export type ServiceName = keyof typeof services

export const healthService = serviceOf<HealthDefinition>('grpc.health.v1.Health')

/** The cast is safe: `generated/` is made from the same files, and `npm run check` compares the two. */
function serviceOf<Definition>(name: string): Definition {
  return definitions[name] as unknown as Definition
}
