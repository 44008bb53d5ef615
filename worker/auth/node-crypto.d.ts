/** The part of Node's crypto that the edge uses; Node's own types would clash with the platform's. */
declare module "node:crypto" {
  export function scrypt(
    password: string,
    salt: Uint8Array,
    keyBytes: number,
    cost: { N: number; r: number; p: number },
    callback: (error: Error | null, key: Uint8Array) => void,
  ): void;
  interface Hmac {
    update(text: string): Hmac;
    digest(): Uint8Array;
  }
  export function createHmac(algorithm: "sha256", secret: string): Hmac;
  export function timingSafeEqual(one: Uint8Array, other: Uint8Array): boolean;
}
