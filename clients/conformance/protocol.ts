/**
 * What the runner and the driver of a language say to each other: one JSON object a line, commands
 * on the driver's stdin, answers on its stdout. Commands run concurrently; an answer carries the
 * `id` of its command and may come in any order. Requests are in the JSON form of the contract
 * (`docs/clients.md` has an example of each).
 */
export type Command =
  | ConnectCommand
  /** Charges a finished call. Answers with an `outcome`. */
  | { do: 'charge'; request: ChargeRequest }
  /**
   * Holds credits around a call that answers at once. The driver's provider takes `takesMs`, and
   * then answers with `usage` or fails. Answers with an `outcome`, and with whether the provider
   * was called.
   */
  | { do: 'hold'; open: StreamOpen; takesMs?: number; usage?: UsageCounts; fails?: boolean }
  /**
   * Meters a generation. Answers when it has ended, with an `outcome`. Its chunks come by `chunks`.
   */
  | { do: 'stream'; stream: string; open: StreamOpen; format: StreamFormat }
  /**
   * The provider gives the same chunk `count` times. Answers when the end user has them, or when
   * the stream has ended.
   */
  | { do: 'chunks'; stream: string; chunk: object; count: number }
  /** The provider ends; or, with `fails`, breaks off with an error. */
  | { do: 'end'; stream: string; fails?: boolean }
  /** The end user hangs up: the signal is aborted, the context or the task is cancelled. */
  | { do: 'leave'; stream: string }
  /** Tries to deliver what the store holds, once. Answers with a `Delivery`. */
  | { do: 'deliver' }
  /**
   * Shuts down cleanly: settles what is open, and closes the client. The driver ends after its
   * answer.
   */
  | { do: 'close' }

export interface ConnectCommand {
  do: 'connect'
  /** `host:port`. */
  address?: string
  /** The store's folder. Absent = no store. */
  store?: string
  /**
   * The store's bound; each entry counts as whole blocks of 4 KiB. Absent = the client's default.
   */
  storeBytesMax?: number
  batching?: boolean
  /** For each call, retries and all. */
  timeoutMs?: number
  attemptTimeoutMs?: number
  retriesMax?: number
  /** How long a stream waits for a server before the client's policy decides. */
  waitMs?: number
  /** Output tokens that a stream may deliver beyond its grant. Absent = the client's default. */
  outputTokensBeyondGrant?: number
}

export interface UsageCounts {
  inputTokens: number
  outputTokens: number
}

/** `ChargeUsageRequest`. The runner adds `userId`, where it is absent, and `model`. */
export interface ChargeRequest {
  idempotencyKey: string
  userId?: string
  model?: string
  /** The runner adds it: another time is another request. */
  occurredAt?: string
  usage: UsageCounts
}

/** `StreamOpen`. The runner adds `userId`, where it is absent, and `model`. */
export interface StreamOpen {
  idempotencyKey: string
  userId?: string
  model?: string
  inputTokens: number
  maxOutputTokens?: number
}

export type StreamFormat = 'openai.chat' | 'anthropic.messages'

/** What a driver answers. Fields that don't apply are absent. */
export interface Answer {
  /** Only of `connect`: why the client does not start. */
  error?: 'STORE_UNWRITABLE' | string
  /**
   * `charged`: there is a receipt. `kept`: on disk, for later. `refused`: by tollgate, for good, or
   * by the client's policy before the provider was called. `undecided`: nobody knows, and it is not
   * kept. `nothing`: nothing was used.
   */
  outcome?: 'charged' | 'kept' | 'refused' | 'undecided' | 'nothing'
  /**
   * Of what was refused or is undecided: the ErrorInfo reason, or else the name of the gRPC status.
   */
  reason?: string
  /** Of the receipt, as a decimal string. */
  amountNanousd?: string
  replayed?: boolean
  providerCalled?: boolean
  /** Chunks that the end user has of this stream, in all. */
  delivered?: number
  /**
   * Why the client stopped the stream: a FINAL_REASON, ABORTED, UNREACHABLE, SETTLED or REFUSED.
   */
  stoppedBy?: string
  /** Of `deliver`. */
  deliveredCount?: number
  waitingCount?: number
  refusedCount?: number
}

/**
 * One step of a scenario. Each language has a driver, a user and a network of its own; the server
 * is everybody's.
 */
export type Step =
  /** Every driver gets the command, `times` times at once, each with a key of its own. */
  | { ask: Command; times?: number; answers?: Answer | { outcomes: Record<string, number> } }
  /** The answer is awaited by a later step of that name. */
  | { ask: Command; later: string }
  | { answerOf: string; answers: Answer }
  /**
   * `deliver`, until nothing waits any more: so many entries are delivered then, and none is
   * refused.
   */
  | { delivers: number }
  /**
   * `replace`: another server takes its place, and it drains. `hang`: it is stopped where it is,
   * and its sockets stay open.
   */
  | { server: 'kill' | 'start' | 'replace' | 'hang' | 'wake' }
  /**
   * `down`: connections are cut and refused. `losesReplies`: the next replies are lost with their
   * connection.
   */
  | { network: 'down' | 'up' }
  | { network: 'losesReplies'; count: number }
  /** `start another`: the store is given to the next language's client. */
  | { gateway: 'kill' | 'start' | 'start another' }
  /** An outage is as long as the run says; anything else has its own length. */
  | { wait: 'outage' | number }
  /** Every hold expires, and is settled. */
  | { holds: 'expire' }
  /** Another gateway opens the same stream, and closes it with this usage. */
  | { elsewhere: StreamOpen; closesWith: UsageCounts }
  /** The driver's memory has not grown by more than this since its start, in bytes. */
  | { memoryGrowthMax: number }
  /** How many calls the driver has made at most. */
  | { callsMax: number }

export interface Scenario {
  name: string
  /** What the user has at the start. Default: a dollar. */
  creditsNanousd?: bigint
  steps: readonly Step[]
  /**
   * What must be on the ledger at the end, in all; or what the client says that it delivered of
   * this stream, with so many input tokens.
   */
  chargedNanousd: bigint | { inputTokens: number; deliveredOf: string }
  /** How many charges and settlements that is. An amendment is part of its settlement. */
  charges: number
  /** What is on the list of deduction failures. Default: nothing. */
  failuresNanousd?: bigint
}
