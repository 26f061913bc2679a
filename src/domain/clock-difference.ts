/** Signed webhooks are refused when their time is further off (Standard Webhooks). */
export const LARGEST_CLOCK_SKEW_MS = 5 * 60_000
