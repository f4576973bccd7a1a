// Original file: proto/tollgate/billing/v1/budget_service.proto


export interface ListBudgetsRequest {
  'userId'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListBudgetsRequest__Output {
  'userId': (string);
  'pageSize': (number);
  'pageToken': (string);
}
