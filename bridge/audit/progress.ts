import type { Log } from "../log.ts";

/** Between two signs of life where they go to a log; on a terminal one line is rewritten. ms. */
const LOG_MS = 10_000;
const TERMINAL_MS = 250;

/** The terminal that somebody watches a command on; null when its output goes elsewhere. */
export type Terminal = { write(text: string): unknown } | null;

/** Says how far a long command is. */
export class Progress {
  readonly #command: string;
  readonly #log: Log;
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #timer: NodeJS.Timeout;
  /** Where a list of conversations is read from: everything before it is done, and some of what follows may be. */
  cursor: string | null = null;
  #conversations = 0;
  #events = 0;
  #latest = "";

  constructor(command: string, log: Log, terminal: Terminal, now: () => number) {
    this.#command = command;
    this.#log = log;
    this.#terminal = terminal;
    this.#now = now;
    this.#startedAt = now();
    this.#timer = setInterval(() => this.#show(), terminal === null ? LOG_MS : TERMINAL_MS);
  }

  events(conversationId: string, count: number): void {
    this.#events += count;
    this.#latest = conversationId;
  }

  conversation(): void {
    this.#conversations++;
  }

  counts(): { conversations: number; events: number; seconds: number; eventsPerSecond: number } {
    const seconds = (this.#now() - this.#startedAt) / 1_000;
    return {
      conversations: this.#conversations,
      events: this.#events,
      seconds: Math.round(seconds * 10) / 10,
      eventsPerSecond: seconds === 0 ? 0 : Math.round(this.#events / seconds),
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#terminal?.write(CLEAR_LINE);
  }

  #show(): void {
    const counts = this.counts();
    if (this.#terminal === null) {
      this.#log.info(`${this.#command}.progress`, { ...counts, latest: this.#latest });
      return;
    }
    const { conversations, events, eventsPerSecond } = counts;
    this.#terminal.write(
      `${CLEAR_LINE}${this.#command}: ${conversations} conversations, ${events} events, ` +
        `${eventsPerSecond} events/s, at ${this.#latest}`,
    );
  }
}

/** ANSI: back to the start of the line, and nothing behind it. */
const CLEAR_LINE = "\r\u001b[K";
