/** Makes WebSockets for an SDK and can end them under it, as a tunnel or a lift does; the SDK is not told beforehand. */
export class CuttableSockets {
  readonly #open = new Set<WebSocket>();
  /** How many there have been, and the most of them at once. */
  made = 0;
  mostAtOnce = 0;
  /** Give this one to the SDK. */
  readonly WebSocket = this.#recorded();

  cut(): void {
    for (const socket of this.#open) socket.close();
  }

  #recorded() {
    const add = (socket: WebSocket) => this.#add(socket);
    return class extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        add(this);
      }
    };
  }

  #add(socket: WebSocket): void {
    this.#open.add(socket);
    this.made++;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open.size);
    socket.addEventListener("close", () => this.#open.delete(socket));
  }
}
