// Original file: proto/tollgate/billing/v1/budget_service.proto


export interface DeleteBudgetResponse {
}

export interface DeleteBudgetResponse__Output {
}
