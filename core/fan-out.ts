import { joinFrames } from "../protocol/frame-codec.ts";
import { LIMITS } from "../protocol/limits.ts";
import { eventsFrameText } from "./event-text.ts";

/**
 * The frames that carry a group of events to every reader, as few as the size bound allows: one, nearly always.
 * `events` are JSON; lengths are UTF-16 units, and a unit is at most three bytes, hence the third of the bound
 * as soon as a text could pass it.
 */
export function eventFrames(events: readonly string[], maxBytes: number): string[] {
  const maxUnits = Math.floor(maxBytes / 3);
  const frames: string[] = [];
  let from = 0;
  let units = 0;
  for (const [index, event] of events.entries()) {
    if (index > from && units + event.length > maxUnits) {
      frames.push(eventsFrameText(events.slice(from, index)));
      from = index;
      units = 0;
    }
    units += event.length + 1;
  }
  if (from < events.length) frames.push(eventsFrameText(events.slice(from)));
  return frames;
}

/** The texts for one socket: its own acks ride in front of the first frame of events, if both fit. Rule FAN-1. */
export function socketTexts(
  acks: readonly string[],
  frames: readonly string[],
  maxBytes: number,
): readonly string[] {
  if (acks.length === 0) return frames;
  const [first, ...rest] = frames;
  if (first === undefined) return [joinFrames(acks)];
  return fitTogether([...acks, first], maxBytes)
    ? [joinFrames([...acks, first]), ...rest]
    : [joinFrames(acks), ...frames];
}

/** Whether frames may share one text: a UTF-16 unit is at most three bytes. Rule LIM-6. */
export function fitTogether(frames: readonly string[], maxBytes: number): boolean {
  return frames.reduce((units, frame) => units + frame.length + 1, 0) * 3 <= maxBytes;
}

/**
 * How many sends are a full group. With few readers a group of some dozen is committed while the next one arrives;
 * each reader more makes a further frame dearer, so the group may grow. Rule LIM-8.
 */
export function fullGroup(readers: number): number {
  return Math.min(SMALL_GROUP + readers, LIMITS.groupSends);
}

const SMALL_GROUP = 48;

/**
 * Where in the seconds after a cut a client should come back: the wider, the more there are, so that the edge
 * meets about one upgrade per millisecond and conversation. `random` is in [0, 1).
 */
export function reconnectSlotMs(sessions: number, random: number): number {
  return Math.floor(random * Math.min(RECONNECT_SPREAD_MS, sessions));
}

const RECONNECT_SPREAD_MS = 10_000;
