import { env, exports } from "cloudflare:workers";
import type { Gateway } from "../../../durable-objects/gateway/gateway.ts";
import { app } from "../../../worker/app.ts";
import type { Env } from "../../../edge/env.ts";
import { deployGateway } from "../worker.ts";
import { IoClient } from "./io-client.ts";
import { upgraded } from "./frame-socket.ts";
import { mintToken } from "./tokens.ts";

/** Clients that reach the edge at one place of their own, so that their Gateways are nobody else's. */
export class EdgePlace {
  readonly #colo = `t${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
  readonly #deployment: Env | undefined;

  /** Of the suite's deployment, or of another one. */
  constructor(deployment?: Env) {
    this.#deployment = deployment;
    if (deployment === undefined) return;
    for (const prefix of ["", "native-"]) deployGateway(`${prefix}${this.#colo}-0`, deployment);
  }

  get gateway(): DurableObjectStub<Gateway> {
    return this.#stub(`${this.#colo}-0`);
  }

  get nativeGateway(): DurableObjectStub<Gateway> {
    return this.#stub(`native-${this.#colo}-0`);
  }

  async upgrade(path: string, headers: Record<string, string> = {}): Promise<WebSocket> {
    const request = new Request(`https://edge.test${path}`, {
      headers: { upgrade: "websocket", ...headers },
      cf: { colo: this.#colo },
    });
    const answer =
      this.#deployment === undefined
        ? exports.default.fetch(request)
        : app.fetch(request, this.#deployment);
    return upgraded(await answer);
  }

  /** A Socket.IO client of this user that has signed in; what comes before its first offset is read. */
  async connect(userId: string, expiresIn = 900): Promise<IoClient> {
    const client = await this.dial({ token: await mintToken(userId, { expiresIn }) });
    await client.nextEvent("authenticated");
    await client.nextEvent("offset");
    return client;
  }

  /** A Socket.IO client that has connected with this `auth`. */
  async dial(auth: object, query = "", headers: Record<string, string> = {}): Promise<IoClient> {
    const path = `/socket.io/?EIO=4&transport=websocket${query}`;
    const client = new IoClient(await this.upgrade(path, headers));
    await client.next();
    client.send(`40${JSON.stringify(auth)}`);
    client.connection = JSON.parse(String(await client.next()).slice(2));
    return client;
  }

  #stub(name: string): DurableObjectStub<Gateway> {
    const { GATEWAY } = env;
    if (GATEWAY === undefined) throw new Error("the tests' deployment has Gateways");
    return GATEWAY.getByName(name);
  }
}
