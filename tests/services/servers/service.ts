/** A server that was started for this run. Its data is gone once it is stopped. */
export interface RunningService {
  state: "running";
  version: string;
  address: string;
  logFile: string;
  /** What a program needs to reach it, by the names the bridge and the worker read. */
  env: Record<string, string>;
  /** Ends the process and keeps its data; SIGKILL when no signal is given. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Comes back on the same port with the same data, killing the process first if it runs. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A program that tests start themselves. */
export interface FoundProgram {
  state: "found";
  version: string;
  address: string;
  env: Record<string, string>;
}

export interface AbsentService {
  state: "absent";
  reason: string;
}

/** For tests that cannot do without it. */
export function running(service: RunningService | AbsentService): RunningService {
  if (service.state !== "running") throw new Error(service.reason);
  return service;
}

/** How to get and run one kind of server. Both throw with a reason that a person can act on. */
export interface Server {
  install(): Promise<void>;
  start(): Promise<RunningService>;
}

/** Turns whatever stands in the way into a reason: a missing tool is an answer here, never a crash. */
export async function orAbsent<T>(attempt: () => Promise<T>): Promise<T | AbsentService> {
  try {
    return await attempt();
  } catch (error) {
    return { state: "absent", reason: error instanceof Error ? error.message : String(error) };
  }
}
