import { once } from "node:events";
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";

/** A network in front of a server that breaks where a test says: in the middle of a frame, with what is under way lost. */
export class TornLink {
  readonly url: string;
  readonly #server: Server;
  readonly #pipes = new Set<Pipe>();

  private constructor(server: Server) {
    this.#server = server;
    // listening on TCP, so it has such an address
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async open(target: string): Promise<TornLink> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const link = new TornLink(server);
    server.on("connection", (client) => link.#join(client, Number(new URL(target).port)));
    return link;
  }

  /** Breaks every present connection once `bytes` more have passed through it, in either direction; says how many. */
  tear(bytes: number): number {
    const torn = this.#pipes.size;
    for (const pipe of this.#pipes) pipe.tearAfter(bytes);
    return torn;
  }

  close(): void {
    for (const pipe of this.#pipes) pipe.break();
    this.#server.close();
  }

  #join(client: Socket, port: number): void {
    const pipe = new Pipe(client, connect(port, "127.0.0.1"));
    this.#pipes.add(pipe);
    client.once("close", () => this.#pipes.delete(pipe));
  }
}

/** One connection on its way through. */
class Pipe {
  readonly #ends: readonly [Socket, Socket];
  /** Bytes that still pass; infinite until a tear is asked for. */
  #left = Infinity;

  constructor(client: Socket, server: Socket) {
    this.#ends = [client, server];
    client.on("data", (data) => this.#pass(data, server));
    server.on("data", (data) => this.#pass(data, client));
    for (const end of this.#ends) {
      end.setNoDelay(true);
      end.on("error", () => this.break());
      end.on("close", () => this.break());
    }
  }

  tearAfter(bytes: number): void {
    this.#left = Math.min(this.#left, bytes);
    if (this.#left === 0) this.break();
  }

  break(): void {
    for (const end of this.#ends) end.destroy();
  }

  #pass(data: Buffer, to: Socket): void {
    if (data.length <= this.#left) {
      this.#left -= data.length;
      to.write(data);
      return;
    }
    // the part that still passes must be on its way before the end of the line is
    to.write(data.subarray(0, this.#left), () => this.break());
    this.#left = 0;
  }
}
