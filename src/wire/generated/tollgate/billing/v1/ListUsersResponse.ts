// Original file: proto/tollgate/billing/v1/admin_services.proto

import type { User as _tollgate_billing_v1_User, User__Output as _tollgate_billing_v1_User__Output } from '../../../tollgate/billing/v1/User';

export interface ListUsersResponse {
  'users'?: (_tollgate_billing_v1_User)[];
  'nextPageToken'?: (string);
}

export interface ListUsersResponse__Output {
  'users': (_tollgate_billing_v1_User__Output)[];
  'nextPageToken': (string);
}
