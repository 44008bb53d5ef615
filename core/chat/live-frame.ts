import * as v from "valibot";
import {
  hiddenSchema,
  joinRequestsSchema,
  presenceSchema,
  receiptCountsSchema,
  receiptsSchema,
  typingSchema,
} from "../../protocol/server-frames.ts";
import { Renderings } from "./renderings.ts";

/** Somebody has opened the conversation on a screen, or closed it. Told to Gateways only. */
const visitSchema = v.object({ type: v.literal("visit"), userId: v.string(), active: v.boolean() });

/** What a conversation tells a Gateway beside its log: of the moment, never stored. */
export const liveFrameSchema = v.variant("type", [
  receiptsSchema,
  receiptCountsSchema,
  typingSchema,
  presenceSchema,
  hiddenSchema,
  joinRequestsSchema,
  visitSchema,
]);
export type LiveFrame = v.InferOutput<typeof liveFrameSchema>;

/** One of them on its way to many connections. */
export class SharedFrame extends Renderings {
  readonly frame: LiveFrame;

  constructor(frame: LiveFrame) {
    super();
    this.frame = frame;
  }
}

/** Types that clients of the native protocol know; the others are said by Socket.IO events alone. */
const NATIVE: ReadonlySet<LiveFrame["type"]> = new Set([
  "receipts",
  "receiptCounts",
  "typing",
  "presence",
  "hidden",
  "joinRequests",
]);

export function isNativeFrame({ type }: LiveFrame): boolean {
  return NATIVE.has(type);
}
