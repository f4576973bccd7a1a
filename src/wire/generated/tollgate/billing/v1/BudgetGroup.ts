// Original file: proto/tollgate/billing/v1/budget_service.proto


export interface BudgetGroup {
  'apiKey'?: (boolean);
  'model'?: (boolean);
  'provider'?: (boolean);
  'label'?: (string);
  'by'?: "apiKey"|"model"|"provider"|"label";
}

export interface BudgetGroup__Output {
  'apiKey'?: (boolean);
  'model'?: (boolean);
  'provider'?: (boolean);
  'label'?: (string);
  'by'?: "apiKey"|"model"|"provider"|"label";
}
