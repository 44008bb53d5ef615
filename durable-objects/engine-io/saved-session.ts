import type { Heartbeat } from "../../core/engine-io/heartbeat.ts";
import type { Frame } from "../../core/engine-io/packet.ts";
import type { SessionState } from "../../core/engine-io/session-state.ts";
import type { PollingStore } from "./polling-store.ts";
import type { OfferRecord, SocketRecord } from "./session-record.ts";

interface Kept {
  heartbeat: Heartbeat;
  transport: SessionState["transport"];
  data: unknown;
}

/**
 * What is kept of one session: in its socket's attachment, which costs nothing, or in rows while it polls. Writes only
 * what changed, since rows are the bill.
 */
export class SavedSession {
  readonly #store: PollingStore;
  readonly #sid: string;
  #kept: Kept | null = null;
  #upgrade: SessionState["upgrade"] = null;
  #outbox: readonly Frame[];
  #hasRow: boolean;

  constructor(
    store: PollingStore,
    sid: string,
    origin: { state: SessionState; data: unknown; stored: boolean },
  ) {
    this.#store = store;
    this.#sid = sid;
    this.#hasRow = origin.stored;
    this.#outbox = origin.stored ? origin.state.outbox : [];
    if (origin.stored) {
      const { heartbeat, transport } = origin.state;
      this.#kept = { heartbeat, transport, data: origin.data };
    }
  }

  save(
    state: SessionState,
    data: unknown,
    socket: WebSocket | null,
    offer: WebSocket | null,
  ): void {
    if (state.transport === "gone") return;
    if (state.upgrade !== this.#upgrade) this.#saveOffer(state.upgrade, offer);
    const kept = { heartbeat: state.heartbeat, transport: state.transport, data };
    if (state.transport === "websocket") {
      if (this.#changed(kept)) this.#saveSocket(kept, socket);
      this.forget();
    } else {
      if (this.#changed(kept)) this.#saveRow(kept);
      this.#saveOutbox(state.outbox);
    }
    this.#kept = kept;
  }

  /** Removes its rows. */
  forget(): void {
    this.#saveOutbox([]);
    if (this.#hasRow) this.#store.delete(this.#sid);
    this.#hasRow = false;
  }

  #changed({ heartbeat, transport, data }: Kept): boolean {
    const before = this.#kept;
    return (
      before === null ||
      before.heartbeat !== heartbeat ||
      before.transport !== transport ||
      before.data !== data
    );
  }

  #saveSocket({ heartbeat, data }: Kept, socket: WebSocket | null): void {
    const record: SocketRecord = { v: 1, engine: "session", sid: this.#sid, heartbeat, data };
    socket?.serializeAttachment(record);
  }

  #saveRow({ heartbeat, transport, data }: Kept): void {
    const closing = transport === "closing";
    this.#store.save({ v: 1, sid: this.#sid, heartbeat, data, closing });
    this.#hasRow = true;
  }

  #saveOffer(upgrade: SessionState["upgrade"], offer: WebSocket | null): void {
    this.#upgrade = upgrade;
    if (upgrade === null || offer === null) return;
    const record: OfferRecord = { v: 1, engine: "offer", sid: this.#sid, ...upgrade };
    offer.serializeAttachment(record);
  }

  /** An outbox only grows or is emptied, so its rows are the beginning of it, or of no use any more. */
  #saveOutbox(outbox: readonly Frame[]): void {
    if (this.#outbox.some((frame, index) => frame !== outbox[index])) {
      this.#store.clear(this.#sid);
      this.#outbox = [];
    }
    const stored = this.#outbox.length;
    if (outbox.length > stored) this.#store.append(this.#sid, stored, outbox.slice(stored));
    this.#outbox = outbox;
  }
}
