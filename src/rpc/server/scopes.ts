import type { BillingServiceDefinition } from '../../wire/generated/tollgate/billing/v1/BillingService'
import type { BudgetServiceDefinition } from '../../wire/generated/tollgate/billing/v1/BudgetService'
import type { PriceServiceDefinition } from '../../wire/generated/tollgate/billing/v1/PriceService'
import type { ReconciliationServiceDefinition } from '../../wire/generated/tollgate/billing/v1/ReconciliationService'
import type { UserServiceDefinition } from '../../wire/generated/tollgate/billing/v1/UserService'

export const SCOPES = ['gateway', 'read', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

type MethodsOf<Service> = { [Name in keyof Service as string extends Name ? never : Name]: unknown }
export type MethodName = keyof (MethodsOf<BillingServiceDefinition> &
  MethodsOf<UserServiceDefinition> &
  MethodsOf<BudgetServiceDefinition> &
  MethodsOf<PriceServiceDefinition> &
  MethodsOf<ReconciliationServiceDefinition>) &
  string

/** Which scopes may call a method; `admin` may call everything. Health and reflection need no token. */
export const SCOPES_BY_METHOD = {
  PriceQuote: ['gateway'],
  ChargeUsage: ['gateway'],
  BatchChargeUsage: ['gateway'],
  GetCharge: ['gateway', 'read'],
  StreamSettle: ['gateway'],
  ReportParts: ['gateway'],
  CreateUser: [],
  GetUser: ['read'],
  ListUsers: ['read'],
  UpdateUser: [],
  GrantCredits: [],
  RefundCharge: [],
  ListLedgerEntries: ['read'],
  SummarizeSpend: ['read'],
  ListHolds: ['read'],
  SettleHold: [],
  PutBudget: [],
  ListBudgets: ['read'],
  DeleteBudget: [],
  ListBudgetUsage: ['read'],
  PutPrice: [],
  GetPrice: ['read'],
  ListPrices: ['read'],
  EndPrice: [],
  PutAlias: [],
  ListAliases: ['read'],
  ImportPrices: [],
  ListPriceChanges: ['read'],
  DecidePriceChange: [],
  ListDeductionFailures: ['read'],
  RetryDeductionFailure: [],
  WriteOffDeductionFailure: [],
  Reconcile: ['read'],
  ListLedgerHeads: ['read'],
  ReconcileHeads: ['read'],
} as const satisfies Record<MethodName, readonly Scope[]>
