import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type Server,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js'
import { describedHealthService } from '../../wire/healthDefinition'

type Serving = 'SERVING' | 'NOT_SERVING'
interface Asked {
  service: string
}
interface Answer {
  status: Serving | 'SERVICE_UNKNOWN'
}
interface Listed {
  statuses: { key: string; value: Answer }[]
}

/**
 * `grpc.health.v1`: one state, which is that of all services. Anybody may ask for any name, so nothing is kept of names that
 * there aren't; grpc-health-check keeps each for ever.
 */
export class Health {
  readonly #services: ReadonlySet<string>
  readonly #watchers = new Set<ServerWritableStream<Asked, Answer>>()
  #state: Serving = 'SERVING'

  constructor(services: readonly string[]) {
    // The empty name stands for the server as a whole.
    this.#services = new Set(['', ...services])
  }

  set(state: Serving): void {
    this.#state = state
    for (const watcher of this.#watchers) watcher.write({ status: state })
  }

  addToServer(server: Server): void {
    server.addService(describedHealthService(), {
      Check: this.#check,
      Watch: this.#watch,
      List: this.#list,
    })
  }

  readonly #check: handleUnaryCall<Asked, Answer> = ({ request }, answer) => {
    if (this.#services.has(request.service)) answer(null, { status: this.#state })
    else answer({ code: status.NOT_FOUND, details: 'there is no such service here' })
  }

  /** Where there is no such service there won't be one either; the protocol has the call go on all the same. */
  readonly #watch: handleServerStreamingCall<Asked, Answer> = (call) => {
    if (!this.#services.has(call.request.service)) {
      call.write({ status: 'SERVICE_UNKNOWN' })
      return
    }
    this.#watchers.add(call)
    call.once('cancelled', () => this.#watchers.delete(call))
    call.write({ status: this.#state })
  }

  readonly #list: handleUnaryCall<object, Listed> = (_call, answer) => {
    const value: Answer = { status: this.#state }
    answer(null, { statuses: [...this.#services].map((key) => ({ key, value })) })
  }
}
