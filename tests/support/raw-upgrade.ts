import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A TCP connection after a WebSocket upgrade, on which anything can be written, also what no client library would. */
export async function rawUpgrade(url: string): Promise<Socket> {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  // a reset is one of the answers that hostile bytes may get
  socket.on("error", () => undefined);
  await once(socket, "connect");
  socket.write(
    `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  await once(socket, "data");
  return socket;
}

/** One frame with a mask of zeros, so that the payload is written as it is; `length` may lie about it. */
export function rawFrame(opcode: number, payload: Uint8Array, length = payload.length): Uint8Array {
  const header = Buffer.alloc(14);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([header, payload]);
}
