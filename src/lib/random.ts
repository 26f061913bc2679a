/** Uniform in [0, 1): the only source of chance outside tests, for spreading things in time. Not for secrets. */
export const systemRandom: () => number = () => Math.random()
