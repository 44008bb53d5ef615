import type { MembershipEvent, ReaderEvent } from "../protocol/event.ts";

/** What one member may read of events on their way, where that is not all of it. */
export interface Sight {
  /** He is told nothing of messages up to this seq: they were before his history. */
  historyFrom: number;
  /** Seq of the event that puts him out, the last one he gets; Infinity while he stays. */
  until: number;
}

/** Somebody who is to get events. */
export interface Reader {
  userId: string;
  /** His history begins after this seq. */
  historyFrom: number;
  /** When the log ended here he was a member: what put him out before has been made good. */
  memberAt: number;
}

/** Who is no member any more, by what the log says of members. */
const DEPARTURES: ReadonlySet<MembershipEvent["action"]> = new Set(["left", "removed", "banned"]);

/** Seqs start here. */
const OLDEST = 1;

/** What of some events depends on who reads them. Rules CHG-8 and MEM-1. */
export class Sights {
  /** Seqs of the messages that the events tell something of, ascending. */
  readonly #told: readonly number[];
  /** Seqs at which a user has left, ascending. */
  readonly #departures = new Map<string, number[]>();

  constructor(events: readonly ReaderEvent[]) {
    this.#told = events.flatMap(toldOf).toSorted((a, b) => a - b);
    for (const event of events) {
      for (const userId of departingWith(event)) {
        const seqs = this.#departures.get(userId);
        if (seqs === undefined) this.#departures.set(userId, [event.seq]);
        else seqs.push(event.seq);
      }
    }
  }

  /** Every reader may read all of it. */
  get areAlike(): boolean {
    return this.#told.length === 0 && this.#departures.size === 0;
  }

  /** Null for a reader who may read all of it. Whoever may read the same has the same. */
  of({ userId, historyFrom, memberAt }: Reader): Sight | null {
    const until = this.#departures.get(userId)?.find((seq) => seq > memberAt) ?? Infinity;
    const from = this.#told.findLast((seq) => seq <= historyFrom) ?? 0;
    return from === 0 && until === Infinity ? null : { historyFrom: from, until };
  }
}

/** Something made of events, once for each of the sights that their readers have. */
export class BySight<T> {
  readonly #made = new Map<string, T>();
  readonly #make: (sight: Sight) => T;

  constructor(make: (sight: Sight) => T) {
    this.#make = make;
  }

  of(sight: Sight): T {
    const key = `${sight.historyFrom} ${sight.until}`;
    const made = this.#made.get(key) ?? this.#make(sight);
    this.#made.set(key, made);
    return made;
  }
}

/** Users whom the event puts out of the conversation; a dismissal, after which nothing comes, puts out everybody. */
export function departingWith(event: ReaderEvent): string[] {
  if (event.type !== "membership" || !DEPARTURES.has(event.action)) return [];
  return event.members.map(({ userId }) => userId);
}

/** The events that the sight lets through, consecutive as before. */
export function inSight(events: readonly ReaderEvent[], sight: Sight): ReaderEvent[] {
  return events
    .filter(({ seq }) => seq <= sight.until)
    .map((event) => eventSince(event, sight.historyFrom));
}

/** The event as a member gets it whose history begins after `historyFrom`: what tells of older messages alone keeps its place. */
export function eventSince(event: ReaderEvent, historyFrom: number): ReaderEvent {
  const told = toldOf(event);
  const readable = told.filter((seq) => seq > historyFrom);
  if (readable.length === told.length) return event;
  if (readable.length > 0 && "targets" in event) return { ...event, targets: readable };
  return { seq: event.seq, at: event.at, type: "hidden" };
}

/** The same of a text of `eventText`. */
export function textSince(text: string, historyFrom: number): string {
  if (historyFrom < OLDEST || MESSAGE.test(text)) return text;
  const event = JSON.parse(text) as ReaderEvent; // eventText wrote it
  const shown = eventSince(event, historyFrom);
  return shown === event ? text : JSON.stringify(shown);
}

/** Of a group's texts; null when they are alike to everybody, as messages are: those are never parsed. */
export function sightsOf(texts: readonly string[]): Sights | null {
  const others = texts.filter((text) => !MESSAGE.test(text));
  if (others.length === 0) return null;
  const sights = new Sights(others.map((text) => JSON.parse(text) as ReaderEvent)); // eventText wrote them
  return sights.areAlike ? null : sights;
}

/** How `eventText` begins a message. */
const MESSAGE = /^\{"seq":\d+,"at":\d+,"type":"message",/;

/** Seqs of the earlier messages that an event tells something of. */
function toldOf(event: ReaderEvent): readonly number[] {
  switch (event.type) {
    case "edited":
    case "deleted":
    case "reaction":
    case "flagged":
      return [event.target];
    case "erased":
      return event.targets;
    case "fileDeleted":
      // without a message that names it, a file may be as old as the log
      return event.targets.length === 0 ? [OLDEST] : event.targets;
    // a reply's text is its own, and the id in it leads whoever may not read that message nowhere
    case "message":
    case "membership":
    case "settings":
    case "dismissed":
    case "fileUploaded":
    case "hidden":
      return [];
    default:
      event satisfies never;
      return []; // what a later version of this code has written
  }
}
