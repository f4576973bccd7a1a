import { readUsablePriceList } from '../../src/pricing/feeds/readPriceList'

// Entries of LiteLLM's list of 2026-07-24 (model_prices_and_context_window.json), word for word but for fields without prices.
const entries: [name: string, entry: object, units: Record<string, string>, tokens?: string[]][] = [
  [
    'whisper-1',
    {
      litellm_provider: 'openai',
      mode: 'audio_transcription',
      input_cost_per_second: 0.0001,
      output_cost_per_second: 0.0001,
    },
    { audio_second: '100000/1' },
  ],
  [
    'assemblyai/nano',
    {
      litellm_provider: 'assemblyai',
      mode: 'audio_transcription',
      input_cost_per_second: 0.00010278,
      output_cost_per_second: 0,
    },
    { audio_second: '102780/1' },
  ],
  [
    'gpt-realtime-whisper',
    {
      litellm_provider: 'openai',
      mode: 'audio_transcription',
      input_cost_per_second: 0.0002833333333333333,
    },
    { audio_second: '283333333333/1000000' },
  ],
  [
    'azure/tts-1',
    { litellm_provider: 'azure', mode: 'audio_speech', input_cost_per_character: 0.000015 },
    { character: '15000/1' },
  ],
  [
    'dall-e-3',
    { litellm_provider: 'openai', mode: 'image_generation', input_cost_per_image: 0.04 },
    { image: '40000000/1' },
  ],
  [
    '256-x-256/dall-e-2',
    {
      litellm_provider: 'openai',
      mode: 'image_generation',
      input_cost_per_pixel: 2.4414e-7,
      output_cost_per_pixel: 0,
    },
    // 65,536 pixels.
    { image: '15999959040000/1000000' },
  ],
  [
    'high/1024-x-1024/gpt-image-1',
    {
      litellm_provider: 'openai',
      mode: 'image_generation',
      input_cost_per_image: 0.167,
      input_cost_per_pixel: 1.59263611e-7,
      output_cost_per_pixel: 0,
    },
    { image: '167000000/1' },
  ],
  [
    'openai/sora-2-pro-high-res',
    { litellm_provider: 'openai', mode: 'video_generation', output_cost_per_video_per_second: 0.5 },
    { video_second: '500000000/1' },
  ],
  [
    'gemini/veo-3.1-lite-generate-preview',
    {
      litellm_provider: 'gemini',
      mode: 'video_generation',
      output_cost_per_second: 0.05,
      output_cost_per_second_1080p: 0.08,
    },
    { video_second: '50000000/1', 'video_second/1080p': '80000000/1' },
  ],
  [
    'mistral/mistral-ocr-latest',
    { litellm_provider: 'mistral', mode: 'ocr', ocr_cost_per_page: 0.004, annotation_cost_per_page: 0.005 },
    { page: '4000000/1', 'page/annotated': '5000000/1' },
  ],
  [
    'reducto/parse-v3',
    { litellm_provider: 'reducto', mode: 'ocr', ocr_cost_per_credit: 0.015 },
    { credit: '15000000/1' },
  ],
  [
    'openai/container',
    { litellm_provider: 'openai', mode: 'chat', code_interpreter_cost_per_session: 0.03 },
    { session: '30000000/1' },
  ],
  [
    'gemini-embedding-2',
    {
      litellm_provider: 'vertex_ai',
      mode: 'embedding',
      input_cost_per_token: 2e-7,
      output_cost_per_token: 0,
      input_cost_per_audio_per_second: 0.00016,
      input_cost_per_image: 0.00012,
      input_cost_per_video_per_second: 0.00079,
    },
    { audio_second: '160000/1', image_input: '120000/1', video_second: '790000/1' },
    ['INPUT_TOKENS', 'OUTPUT_TOKENS'],
  ],
  [
    'gemini-omni-flash-preview',
    {
      litellm_provider: 'vertex_ai-language-models',
      mode: 'chat',
      input_cost_per_token: 1.5e-6,
      output_cost_per_token: 9e-6,
      output_cost_per_video_token: 0.0000175,
    },
    { video_output_token: '17500/1' },
    ['INPUT_TOKENS', 'OUTPUT_TOKENS'],
  ],
  // These state the price of a token of an image.
  [
    'gpt-realtime',
    {
      litellm_provider: 'openai',
      mode: 'realtime',
      input_cost_per_token: 4e-6,
      output_cost_per_token: 0.000016,
      input_cost_per_image: 0.000005,
    },
    {},
    ['INPUT_TOKENS', 'OUTPUT_TOKENS'],
  ],
  [
    'gemini-3.1-pro-preview',
    {
      litellm_provider: 'vertex_ai-language-models',
      mode: 'chat',
      input_cost_per_token: 0.000002,
      output_cost_per_token: 0.000012,
      output_cost_per_image: 0.00012,
    },
    {},
    ['INPUT_TOKENS', 'OUTPUT_TOKENS'],
  ],
  // Tokens at zero are not given away beside a price of images.
  [
    'azure/hd/1024-x-1024/dall-e-3',
    {
      litellm_provider: 'azure',
      mode: 'image_generation',
      input_cost_per_pixel: 7.629e-8,
      output_cost_per_token: 0,
    },
    { image: '79995863040000/1000000' },
    [],
  ],
]

test.each(entries)('LiteLLM’s %s has its units', (name, entry, units, tokens = []) => {
  const list = readUsablePriceList('litellm', JSON.stringify({ [name]: entry }))
  if ('rejected' in list) throw new Error(list.rejected)
  const card = list.prices[0]?.rateCards.at(-1)
  const rates = (card?.unitRates ?? []).map(({ unit, priceNanousd, per }) => [unit, `${priceNanousd}/${per}`])
  expect(Object.fromEntries(rates)).toEqual(units)
  expect(card?.rates.map(({ meter }) => meter).sort()).toEqual([...tokens].sort())
  expect(list.rejections).toEqual([])
})

test('OpenRouter’s price of a whole image is one of image_input, less the discount', () => {
  const pricing = { prompt: '0.000001', completion: '0.000002', image: '0.0048' }
  const data = [
    { id: 'a/plain', pricing },
    { id: 'a/cheaper', pricing: { ...pricing, discount: 0.5 } },
  ]
  const list = readUsablePriceList('openrouter', JSON.stringify({ data }))
  if ('rejected' in list) throw new Error(list.rejected)
  expect(list.prices.map(({ rateCards }) => rateCards.at(-1)?.unitRates)).toEqual([
    [{ unit: 'image_input', priceNanousd: 4_800_000n, per: 1n }],
    [{ unit: 'image_input', priceNanousd: 2_400_000n, per: 1n }],
  ])
})
