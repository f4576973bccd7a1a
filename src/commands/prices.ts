import { Command } from 'commander'
import { changesCommand } from './prices/changes'
import { compareCommand } from './prices/compare'
import { approveCommand, rejectCommand } from './prices/decide'
import { endCommand } from './prices/end'
import { importCommand } from './prices/import'
import { listCommand } from './prices/list'
import { putCommand } from './prices/put'
import { showCommand } from './prices/show'

const examples = `
Examples:
  $ tollgate prices show claude-sonnet-4-5 --provider anthropic
  $ tollgate prices put my-model --input 0.25 --output 1.25
  $ tollgate prices import model_prices_and_context_window.json
  $ tollgate prices changes --state held-back`

/** Prices of a running server, over gRPC. */
export function pricesCommand(): Command {
  return new Command('prices')
    .description('look at prices, set them, import lists and decide on changes that were held back')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(importCommand())
    .addCommand(compareCommand())
    .addCommand(putCommand())
    .addCommand(endCommand())
    .addCommand(changesCommand())
    .addCommand(approveCommand())
    .addCommand(rejectCommand())
    .addHelpText('after', examples)
}
