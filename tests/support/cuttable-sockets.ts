/** Makes WebSockets for an SDK and can end them under it, as a tunnel or a lift does; the SDK is not told beforehand. */
export class CuttableSockets {
  readonly #open = new Set<WebSocket>();
  /** Give this one to the SDK. */
  readonly WebSocket = this.#recorded();

  cut(): void {
    for (const socket of this.#open) socket.close();
  }

  #recorded() {
    const open = this.#open;
    return class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        open.add(this);
        this.addEventListener("close", () => open.delete(this));
      }
    };
  }
}
