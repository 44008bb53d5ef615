import { env } from "cloudflare:workers";
import { serveEngine, type EngineDoor } from "../../../worker/engine-io/door.ts";
import { GatewayNames } from "../../../worker/engine-io/gateway-names.ts";
import { SessionMac } from "../../../worker/engine-io/session-mac.ts";
import { upgraded } from "./frame-socket.ts";

type WireFrame = string | Uint8Array;

/** Requests of clients at one place of their own, through the worker's door. */
export class Place {
  readonly #prefix = `t${crypto.randomUUID().replaceAll("-", "")}`;
  readonly #names = new GatewayNames();
  readonly #door: EngineDoor = {
    mac: new SessionMac("secret of the tests"),
    names: {
      candidates: () => this.#names.candidates(this.#prefix),
      refused: (name) => this.#names.refused(name),
    },
    gateway: (name) => env.FRAMING.getByName(name),
  };

  /** The place's first Gateway. */
  get gateway() {
    return env.FRAMING.getByName(`${this.#prefix}-0`);
  }

  request(query: Record<string, string>, init?: RequestInit): Promise<Response> {
    const search = new URLSearchParams({ EIO: "4", transport: "polling", ...query }).toString();
    return serveEngine(new Request(`https://edge/socket.io/?${search}`, init), this.#door);
  }

  async handshake(): Promise<string> {
    return sidOf(await (await this.request({})).text());
  }

  async poll(sid: string): Promise<Answer> {
    return answerOf(await this.request({ sid }));
  }

  async post(sid: string, body: string): Promise<Answer> {
    return answerOf(await this.request({ sid }, { method: "POST", body }));
  }

  async socket(query: Record<string, string> = {}): Promise<IoClient> {
    const headers = { upgrade: "websocket" };
    return new IoClient(
      upgraded(await this.request({ transport: "websocket", ...query }, { headers })),
    );
  }

  /** A WebSocket that has connected the main namespace; its first offset is read. */
  async connect(auth: Record<string, unknown> = {}): Promise<IoClient> {
    const client = await this.socket();
    client.sid = sidOf(await client.next());
    client.send(`40${JSON.stringify(auth)}`);
    client.connection = JSON.parse(String(await client.next()).slice(2));
    await client.next();
    return client;
  }
}

interface Answer {
  status: number;
  text: string;
}

/** Reads it to the end: an answer that is half read keeps its object awake. */
async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, text: await response.text() };
}

function sidOf(open: WireFrame): string {
  return JSON.parse(String(open).slice(1)).sid;
}

/** A WebSocket whose frames are written and read by hand; pings are answered, and counted. */
export class IoClient {
  readonly #socket: WebSocket;
  readonly #received: WireFrame[] = [];
  /** Every text frame that came, also what `ask` and `nextEvent` drop; without pings. */
  readonly texts: string[] = [];
  #waiting: ((frame: WireFrame) => void)[] = [];
  #pingWaiters: { count: number; resolve: () => void }[] = [];
  pings = 0;
  sid = "";
  connection: { sid: string; pid?: string } = { sid: "" };
  answersPings = true;
  readonly closed: Promise<number>;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      if (data === "2") this.#pinged();
      else if (data !== "6")
        this.#receive(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer)); // by binaryType
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code }) => resolve(code));
    });
    socket.accept();
  }

  send(...frames: WireFrame[]): void {
    for (const frame of frames) this.#socket.send(frame);
  }

  async next(): Promise<WireFrame> {
    return this.#received.shift() ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves once `count` pings have come altogether. */
  async pinged(count: number): Promise<void> {
    if (this.pings >= count) return;
    return new Promise((resolve) => this.#pingWaiters.push({ count, resolve }));
  }

  /** Emits with an ack and takes the answer's one argument; what comes before it is dropped. */
  async ask(name: string, ...args: unknown[]): Promise<unknown> {
    this.send(`427${JSON.stringify([name, ...args])}`);
    for (;;) {
      const answer = String(await this.next());
      if (answer.startsWith("437")) return JSON.parse(answer.slice(3))[0];
    }
  }

  /** The next event of this name, what comes before it is dropped; answers its one argument. */
  async nextEvent(name: string): Promise<unknown> {
    for (;;) {
      const frame = String(await this.next());
      if (!frame.startsWith(`42["${name}"`)) continue;
      return JSON.parse(frame.slice(2))[1];
    }
  }

  close(): void {
    this.#socket.close();
  }

  #receive(frame: WireFrame): void {
    if (typeof frame === "string") this.texts.push(frame);
    const next = this.#waiting.shift();
    if (next === undefined) this.#received.push(frame);
    else next(frame);
  }

  #pinged(): void {
    this.pings += 1;
    if (this.answersPings) this.#socket.send("3");
    for (const { count, resolve } of this.#pingWaiters) if (count <= this.pings) resolve();
    this.#pingWaiters = this.#pingWaiters.filter(({ count }) => count > this.pings);
  }
}
