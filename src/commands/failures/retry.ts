import { Command } from 'commander'
import { SetupError } from '../../setupError'
import type { RetryDeductionFailureRequest } from '../../wire/generated/tollgate/billing/v1/RetryDeductionFailureRequest'
import { type UsageOptions, usageOf, withUsageOptions } from '../callOptions'
import { printJson } from '../print'
import { askServer, type RemoteOptions, withRemoteOptions } from '../remote'
import { textOf } from '../textOf'
import { showFailure } from './showFailure'

interface RetryOptions extends RemoteOptions, UsageOptions {
  body?: string
  format?: string
}

const examples = `
Examples:
  $ tollgate failures retry ada fl_0123456789abcdef0123456789abcdef
  $ tollgate failures retry ada fl_0123456789abcdef0123456789abcdef --input 1200 --output 300
  $ tollgate failures retry ada fl_0123456789abcdef0123456789abcdef --body usage.json --format openai.chat`

export function failureRetryCommand(): Command {
  return withRemoteOptions(
    withUsageOptions(new Command('retry'))
      .description('retry the deduction under its own key, with a corrected usage if you state one')
      .argument('<user>')
      .argument('<failure>', 'as `tollgate failures list` shows it')
      .option('--body <file>', 'the usage as the provider should have stated it; - is standard input')
      .option('--format <format>', 'the format of that body, such as openai.chat'),
  )
    .addHelpText('after', examples)
    .action((userId: string, failureId: string, options: RetryOptions) => {
      const corrected = correctedOf(options)
      return askServer(options, async (client) => {
        const { failure } = await client.retryDeductionFailure({ userId, failureId, ...corrected })
        if (options.json) printJson(failure)
        else if (failure !== null) showFailure(failure)
      })
    })
}

function correctedOf(options: RetryOptions): Pick<RetryDeductionFailureRequest, 'usage' | 'providerUsage'> {
  const { body, format, input, output, cacheRead, cacheWrite, reasoning } = options
  if ((body === undefined) !== (format === undefined)) {
    throw new SetupError('--body and --format belong together')
  }
  const isCounted = input !== undefined || output !== undefined
  if (!isCounted && [cacheRead, cacheWrite, reasoning].some((count) => count !== '0')) {
    throw new SetupError('state all that the call used: --input, --output or both')
  }
  if (body !== undefined && format !== undefined) {
    if (isCounted) throw new SetupError('state the usage once: as counts, or with --body')
    return { providerUsage: { format, json: textOf(body) } }
  }
  return isCounted ? { usage: usageOf(options) } : {}
}
