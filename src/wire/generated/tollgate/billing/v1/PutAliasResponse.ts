// Original file: proto/tollgate/billing/v1/admin_services.proto


export interface PutAliasResponse {
}

export interface PutAliasResponse__Output {
}
