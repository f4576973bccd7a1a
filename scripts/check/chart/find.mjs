// Ways to what is rendered.

export const all = (objects, kind) => objects.filter((object) => object.kind === kind)

export const named = (objects, kind, name) =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)

export const serverOf = (objects) =>
  objects.find(({ kind }) => kind === 'StatefulSet' || kind === 'Deployment')

/** Templates of pods, and pods themselves: `{ name, labels, spec }`. */
export function podsOf(objects) {
  return objects.flatMap((object) => {
    const { metadata, spec } = object.kind === 'Pod' ? object : (object.spec?.template ?? {})
    const name = `${object.kind} ${object.metadata.name}`
    return spec?.containers ? [{ name, labels: metadata?.labels ?? {}, spec }] : []
  })
}

export const matches = (wanted, labels = {}) =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value)

/** Of a map of what should hold, what does not. */
export const broken = (claims) =>
  Object.entries(claims).flatMap(([otherwise, holds]) => (holds ? [] : [otherwise]))
