import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Server,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js'
import { healthService } from '../../wire/definition'
import type { HealthCheckRequest__Output } from '../../wire/generated/grpc/health/v1/HealthCheckRequest'
import type { HealthCheckResponse } from '../../wire/generated/grpc/health/v1/HealthCheckResponse'
import type { HealthListRequest__Output } from '../../wire/generated/grpc/health/v1/HealthListRequest'
import type { HealthListResponse } from '../../wire/generated/grpc/health/v1/HealthListResponse'

/**
 * `grpc.health.v1`, with one state for all services. Anybody may ask for any name, so unknown names are not remembered;
 * the package grpc-health-check keeps each of them for ever.
 */
export class Health {
  readonly #services: ReadonlySet<string>
  readonly #watchers = new Set<ServerWritableStream<HealthCheckRequest__Output, HealthCheckResponse>>()
  #state: 'SERVING' | 'NOT_SERVING' = 'SERVING'

  constructor(services: readonly string[]) {
    // By the protocol, the empty name is the server as a whole.
    this.#services = new Set(['', ...services])
  }

  set(state: 'SERVING' | 'NOT_SERVING'): void {
    this.#state = state
    for (const watcher of this.#watchers) watcher.write({ status: state })
  }

  addToServer(server: Server): void {
    server.addService(healthService, { Check: this.#check, Watch: this.#watch, List: this.#list })
  }

  readonly #check: handleUnaryCall<HealthCheckRequest__Output, HealthCheckResponse> = (
    { request },
    answer,
  ) => {
    if (this.#services.has(request.service)) answer(null, { status: this.#state })
    else answer({ code: status.NOT_FOUND, details: 'this server has no such service' })
  }

  /** A service that is unknown now stays unknown, but the protocol wants the call to stay open. */
  readonly #watch: handleServerStreamingCall<HealthCheckRequest__Output, HealthCheckResponse> = (call) => {
    if (!this.#services.has(call.request.service)) {
      call.write({ status: 'SERVICE_UNKNOWN' })
      return
    }
    this.#watchers.add(call)
    call.once('cancelled', () => this.#watchers.delete(call))
    call.write({ status: this.#state })
  }

  readonly #list: handleUnaryCall<HealthListRequest__Output, HealthListResponse> = (_call, answer) => {
    const statuses = Object.fromEntries([...this.#services].map((name) => [name, { status: this.#state }]))
    answer(null, { statuses })
  }
}
