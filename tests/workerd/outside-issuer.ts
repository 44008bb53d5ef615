import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type JWK } from "jose";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the organisation's issuer of the tests listens. */
    issuerUrl: string;
  }
}

/**
 * A real issuer on Node, as an organisation runs one: `/jwks.json`, `POST /sign` for a token of the newest key, and
 * `POST /rotate` to a new one. Each path begins with a name, so that tests have issuers of their own.
 */
export default async function startIssuer(project: TestProject): Promise<() => Promise<void>> {
  const issuers = new Map<string, TestIssuer>();
  const server = createServer(async (request, response) => {
    const [, name = "", action = ""] = (request.url ?? "").split("/");
    const issuer = issuers.get(name) ?? new TestIssuer();
    issuers.set(name, issuer);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { status, body } = await issuer.answer(action, Buffer.concat(chunks).toString());
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  project.provide("issuerUrl", `http://127.0.0.1:${port}`);
  return async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
}

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];

class TestIssuer {
  readonly #keys: { kid: string; publicJwk: JWK; privateKey: PrivateKey }[] = [];
  #fetches = 0;

  async answer(action: string, body: string): Promise<{ status: number; body: unknown }> {
    if (this.#keys.length === 0) await this.#rotate();
    switch (action) {
      case "jwks.json":
        this.#fetches++;
        return { status: 200, body: { keys: this.#keys.map(({ publicJwk }) => publicJwk) } };
      case "sign":
        return { status: 200, body: { token: await this.#sign(Object(JSON.parse(body))) } };
      case "rotate":
        this.#keys.length = 0;
        await this.#rotate();
        return { status: 200, body: {} };
      case "fetches":
        return { status: 200, body: { fetches: this.#fetches } };
      default:
        return { status: 500, body: {} };
    }
  }

  async #rotate(): Promise<void> {
    const { publicKey, privateKey } = await generateKeyPair("RS256");
    const kid = crypto.randomUUID();
    const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" };
    this.#keys.push({ kid, publicJwk, privateKey });
  }

  #sign(claims: Record<string, unknown>): Promise<string> {
    const key = this.#keys.at(-1);
    if (key === undefined) throw new Error("an issuer has a key");
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "RS256", kid: key.kid })
      .sign(key.privateKey);
  }
}
