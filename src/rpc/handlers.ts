import type { BillingServiceDefinition } from '../wire/generated/tollgate/billing/v1/BillingService'
import type { PriceServiceDefinition } from '../wire/generated/tollgate/billing/v1/PriceService'
import type { ReconciliationServiceDefinition } from '../wire/generated/tollgate/billing/v1/ReconciliationService'
import type { UserServiceDefinition } from '../wire/generated/tollgate/billing/v1/UserService'
import { handleBatchChargeUsage } from './batchChargeUsage'
import { handleChargeUsage } from './chargeUsage'
import { handleCreateUser } from './createUser'
import { handleDecidePriceChange } from './decidePriceChange'
import { handleEndPrice } from './endPrice'
import { handleGetCharge } from './getCharge'
import { handleGetPrice } from './getPrice'
import { handleGetUser } from './getUser'
import { handleGrantCredits } from './grantCredits'
import { handleImportPrices } from './importPrices'
import { handleListAliases } from './listAliases'
import { handleListDeductionFailures } from './listDeductionFailures'
import { handleListHolds } from './listHolds'
import { handleListLedgerEntries } from './listLedgerEntries'
import { handleListLedgerHeads } from './listLedgerHeads'
import { handleListPriceChanges } from './listPriceChanges'
import { handleListPrices } from './listPrices'
import { handleListUsers } from './listUsers'
import { handlePriceQuote } from './priceQuote'
import { handlePutAlias } from './putAlias'
import { handlePutPrice } from './putPrice'
import { handleReconcile } from './reconcile'
import { handleReconcileHeads } from './reconcileHeads'
import { handleRefundCharge } from './refundCharge'
import { handleRetryDeductionFailure } from './retryDeductionFailure'
import { handleSettleHold } from './settleHold'
import { handleSummarizeSpend } from './summarizeSpend'
import type { UnaryHandlersOf } from './unary'
import { handleUpdateUser } from './updateUser'
import { handleWriteOffDeductionFailure } from './writeOffDeductionFailure'

/** Every unary method of the contract, by service. */
export const unaryHandlers = {
  'tollgate.billing.v1.BillingService': {
    PriceQuote: handlePriceQuote,
    ChargeUsage: handleChargeUsage,
    BatchChargeUsage: handleBatchChargeUsage,
    GetCharge: handleGetCharge,
  } satisfies UnaryHandlersOf<BillingServiceDefinition>,
  'tollgate.billing.v1.UserService': {
    CreateUser: handleCreateUser,
    GetUser: handleGetUser,
    ListUsers: handleListUsers,
    UpdateUser: handleUpdateUser,
    GrantCredits: handleGrantCredits,
    RefundCharge: handleRefundCharge,
    ListLedgerEntries: handleListLedgerEntries,
    SummarizeSpend: handleSummarizeSpend,
    ListHolds: handleListHolds,
    SettleHold: handleSettleHold,
  } satisfies UnaryHandlersOf<UserServiceDefinition>,
  'tollgate.billing.v1.PriceService': {
    PutPrice: handlePutPrice,
    GetPrice: handleGetPrice,
    ListPrices: handleListPrices,
    EndPrice: handleEndPrice,
    PutAlias: handlePutAlias,
    ListAliases: handleListAliases,
    ImportPrices: handleImportPrices,
    ListPriceChanges: handleListPriceChanges,
    DecidePriceChange: handleDecidePriceChange,
  } satisfies UnaryHandlersOf<PriceServiceDefinition>,
  'tollgate.billing.v1.ReconciliationService': {
    ListDeductionFailures: handleListDeductionFailures,
    RetryDeductionFailure: handleRetryDeductionFailure,
    WriteOffDeductionFailure: handleWriteOffDeductionFailure,
    Reconcile: handleReconcile,
    ListLedgerHeads: handleListLedgerHeads,
    ReconcileHeads: handleReconcileHeads,
  } satisfies UnaryHandlersOf<ReconciliationServiceDefinition>,
}
