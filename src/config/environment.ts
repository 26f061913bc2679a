/** The process's environment, as it was when asked: the only place that reads `process.env`. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env }
}
