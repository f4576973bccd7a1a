import { join } from 'node:path'
import { loadSync, type Options } from '@grpc/proto-loader'
import { packageRoot } from '../packageRoot'
import type { BillingServiceDefinition } from './generated/tollgate/billing/v1/BillingService'
import type { PriceServiceDefinition } from './generated/tollgate/billing/v1/PriceService'
import type { ReconciliationServiceDefinition } from './generated/tollgate/billing/v1/ReconciliationService'
import type { UserServiceDefinition } from './generated/tollgate/billing/v1/UserService'

/** As `generated/` expects messages: int64 as decimal strings, enums by name, unset fields with their defaults. */
export const LOADER_OPTIONS = {
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
} satisfies Options

const definitions = loadSync(
  ['tollgate/billing/v1/billing_service.proto', 'tollgate/billing/v1/admin_services.proto'],
  { ...LOADER_OPTIONS, includeDirs: [join(packageRoot, 'proto')] },
)

/** The contract's four services, by full name. */
export const services = {
  'tollgate.billing.v1.BillingService': serviceOf<BillingServiceDefinition>('BillingService'),
  'tollgate.billing.v1.UserService': serviceOf<UserServiceDefinition>('UserService'),
  'tollgate.billing.v1.PriceService': serviceOf<PriceServiceDefinition>('PriceService'),
  'tollgate.billing.v1.ReconciliationService':
    serviceOf<ReconciliationServiceDefinition>('ReconciliationService'),
}

export type ServiceName = keyof typeof services

/** `generated/` was made from the same files, which is what makes this cast safe; `npm run check` compares them. */
function serviceOf<Definition>(name: string): Definition {
  return definitions[`tollgate.billing.v1.${name}`] as unknown as Definition
}
