/** Ids and models have at most so many characters, counted in code points. */
export const ID_CHARACTERS_MAX = 128

/** Letters, marks, numbers, punctuation and symbols of any script; not U+FFFD, which stands for bytes that were no text. */
export const VISIBLE = /^(?:(?!\ufffd)[\p{L}\p{M}\p{N}\p{P}\p{S}])*$/u

/** Whether a call could name a model or a provider so. */
export function isName(text: string): boolean {
  return text !== '' && text.length <= ID_CHARACTERS_MAX && VISIBLE.test(text)
}
