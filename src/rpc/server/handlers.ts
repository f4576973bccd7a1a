import type { BillingServiceDefinition } from '../../wire/generated/tollgate/billing/v1/BillingService'
import type { BudgetServiceDefinition } from '../../wire/generated/tollgate/billing/v1/BudgetService'
import type { PriceServiceDefinition } from '../../wire/generated/tollgate/billing/v1/PriceService'
import type { ReconciliationServiceDefinition } from '../../wire/generated/tollgate/billing/v1/ReconciliationService'
import type { UserServiceDefinition } from '../../wire/generated/tollgate/billing/v1/UserService'
import { handleBatchChargeUsage } from '../billing/batchChargeUsage'
import { handleChargeUsage } from '../billing/chargeUsage'
import { handleGetCharge } from '../billing/getCharge'
import { handlePriceQuote } from '../billing/priceQuote'
import { handleReportParts } from '../billing/reportParts'
import { handleDeleteBudget } from '../budgets/deleteBudget'
import { handleListBudgets } from '../budgets/listBudgets'
import { handleListBudgetUsage } from '../budgets/listBudgetUsage'
import { handlePutBudget } from '../budgets/putBudget'
import { handleDecidePriceChange } from '../prices/decidePriceChange'
import { handleEndPrice } from '../prices/endPrice'
import { handleGetPrice } from '../prices/getPrice'
import { handleImportPrices } from '../prices/importPrices'
import { handleListAliases } from '../prices/listAliases'
import { handleListPriceChanges } from '../prices/listPriceChanges'
import { handleListPrices } from '../prices/listPrices'
import { handlePutAlias } from '../prices/putAlias'
import { handlePutPrice } from '../prices/putPrice'
import { handleListDeductionFailures } from '../reconcile/listDeductionFailures'
import { handleListLedgerHeads } from '../reconcile/listLedgerHeads'
import { handleReconcile } from '../reconcile/reconcile'
import { handleReconcileHeads } from '../reconcile/reconcileHeads'
import { handleRetryDeductionFailure } from '../reconcile/retryDeductionFailure'
import { handleWriteOffDeductionFailure } from '../reconcile/writeOffDeductionFailure'
import { handleCreateUser } from '../users/createUser'
import { handleGetUser } from '../users/getUser'
import { handleGrantCredits } from '../users/grantCredits'
import { handleListHolds } from '../users/listHolds'
import { handleListLedgerEntries } from '../users/listLedgerEntries'
import { handleListUsers } from '../users/listUsers'
import { handleRefundCharge } from '../users/refundCharge'
import { handleSettleHold } from '../users/settleHold'
import { handleSummarizeSpend } from '../users/summarizeSpend'
import { handleUpdateUser } from '../users/updateUser'
import type { UnaryHandlersOf } from './unary'

/** The handler of every unary method of the contract, by service. */
export const unaryHandlers = {
  'tollgate.billing.v1.BillingService': {
    PriceQuote: handlePriceQuote,
    ChargeUsage: handleChargeUsage,
    BatchChargeUsage: handleBatchChargeUsage,
    GetCharge: handleGetCharge,
    ReportParts: handleReportParts,
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
  'tollgate.billing.v1.BudgetService': {
    PutBudget: handlePutBudget,
    ListBudgets: handleListBudgets,
    DeleteBudget: handleDeleteBudget,
    ListBudgetUsage: handleListBudgetUsage,
  } satisfies UnaryHandlersOf<BudgetServiceDefinition>,
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
