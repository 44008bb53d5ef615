/** Gateways that a handshake tries before it is told to come again. */
const ATTEMPTS = 8;
/** How long a full Gateway is passed over; its clients come and go. */
const FULL_FOR_MS = 30_000;

/**
 * `<place>-<k>`: the objects of one place, near its clients. They are filled in order; each isolate remembers for a while
 * which ones refused, so that a new client seldom asks a full one.
 */
export class GatewayNames {
  readonly #fullSince = new Map<string, number>();

  /** Names for a client at this place, to be tried in order; `kind` begins those of another kind. */
  *candidates(place: string, kind = ""): Generator<string> {
    const prefix = kind + (place.toLowerCase().replaceAll(/[^a-z0-9]/g, "") || "any");
    let offered = 0;
    for (let k = 0; offered < ATTEMPTS; k++) {
      const name = `${prefix}-${k}`;
      if (this.#isFull(name)) continue;
      offered++;
      yield name;
    }
  }

  refused(name: string): void {
    this.#fullSince.set(name, Date.now());
  }

  #isFull(name: string): boolean {
    const since = this.#fullSince.get(name);
    if (since === undefined) return false;
    if (Date.now() < since + FULL_FOR_MS) return true;
    this.#fullSince.delete(name);
    return false;
  }
}
