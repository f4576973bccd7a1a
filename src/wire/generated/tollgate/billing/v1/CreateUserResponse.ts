// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { User as _tollgate_billing_v1_User, User__Output as _tollgate_billing_v1_User__Output } from '../../../tollgate/billing/v1/User';

export interface CreateUserResponse {
  'user'?: (_tollgate_billing_v1_User | null);
}

export interface CreateUserResponse__Output {
  'user': (_tollgate_billing_v1_User__Output | null);
}
