import { fromJSON, type ServiceDefinition } from '@grpc/proto-loader'
import { LOADER_OPTIONS } from './definition'

export const HEALTH_SERVICE = 'grpc.health.v1.Health'

/** The map of `List` as its entries, which are the same on the wire: proto-loader describes maps in a way that no client can read. */
export function describedHealthService(): ServiceDefinition {
  return fromJSON(
    { nested: { grpc: { nested: { health: { nested: { v1: { nested: PACKAGE } } } } } } },
    LOADER_OPTIONS,
  )[HEALTH_SERVICE] as ServiceDefinition
}

// https://github.com/grpc/grpc-proto/blob/master/grpc/health/v1/health.proto
const PACKAGE = {
  Health: {
    methods: {
      Check: { requestType: 'HealthCheckRequest', responseType: 'HealthCheckResponse', comment: '' },
      Watch: {
        requestType: 'HealthCheckRequest',
        responseType: 'HealthCheckResponse',
        responseStream: true,
        comment: '',
      },
      List: { requestType: 'HealthListRequest', responseType: 'HealthListResponse', comment: '' },
    },
  },
  HealthCheckRequest: { fields: { service: { type: 'string', id: 1 } } },
  HealthCheckResponse: {
    fields: { status: { type: 'ServingStatus', id: 1 } },
    nested: {
      ServingStatus: { values: { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } },
    },
  },
  HealthListRequest: { fields: {} },
  HealthListResponse: {
    fields: { statuses: { rule: 'repeated', type: 'Entry', id: 1 } },
    nested: {
      Entry: { fields: { key: { type: 'string', id: 1 }, value: { type: 'HealthCheckResponse', id: 2 } } },
    },
  },
}
