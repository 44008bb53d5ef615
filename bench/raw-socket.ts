import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/**
 * A WebSocket client that costs next to nothing per frame, so that one core can read what a thousand sockets receive:
 * payloads are handed over as views on the received bytes and decoded only by those who look at them.
 */
export class RawSocket {
  readonly #socket: Socket;
  readonly #proof: { question: Buffer; answer: string };
  #pending: Buffer = Buffer.alloc(0);
  /** Called for each text frame, with a view that is valid during the call. */
  onText: (payload: Buffer) => void = () => undefined;
  onClose: (code: number) => void = () => undefined;

  private constructor(socket: Socket, proof: ReadingProof) {
    this.#socket = socket;
    this.#proof = { question: Buffer.from(proof.question), answer: proof.answer };
  }

  static async open(
    url: string,
    subprotocols: readonly string[] = [],
    proof: ReadingProof = DIRECT_PROOF,
  ): Promise<RawSocket> {
    const { hostname, port, pathname, search } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, "connect");
    const offered =
      subprotocols.length === 0 ? "" : `Sec-WebSocket-Protocol: ${subprotocols.join(", ")}\r\n`;
    socket.write(
      `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n${offered}\r\n`,
    );
    const raw = new RawSocket(socket, proof);
    await raw.#upgraded();
    return raw;
  }

  /** Sends texts as one write, each a frame of its own. */
  sendAll(texts: readonly string[]): void {
    this.#socket.write(Buffer.concat(texts.map(maskedTextFrame)));
  }

  send(text: string): void {
    this.#socket.write(maskedTextFrame(text));
  }

  /** Resolves with the first text that holds `mark`; takes the place of `onText` until then. */
  textWith(mark: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const before = this.onText;
    this.onText = (payload) => {
      if (payload.indexOf(mark) < 0) return;
      this.onText = before;
      resolve(payload.toString());
    };
    return promise;
  }

  /** Stops reading, as a stalled client would; the kernel's buffers fill, then the server's. */
  stall(): void {
    this.#socket.pause();
  }

  /** Reads on after a stall: what the buffers hold comes first. */
  readOn(): void {
    this.#socket.resume();
  }

  /** Cuts the connection without a close handshake. */
  destroy(): void {
    this.#socket.destroy();
  }

  async #upgraded(): Promise<void> {
    let head = Buffer.alloc(0);
    for (;;) {
      const [chunk] = (await once(this.#socket, "data")) as [Buffer]; // a net socket without encoding emits buffers
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) continue;
      const status = head.subarray(0, head.indexOf("\r\n")).toString();
      if (!status.includes(" 101 ")) throw new Error(`upgrade refused: ${status}`);
      this.#socket.on("data", (data: Buffer) => this.#receive(data));
      this.#socket.on("error", () => this.onClose(1006));
      this.#socket.on("close", () => this.onClose(1006));
      if (head.length > end + 4) queueMicrotask(() => this.#receive(head.subarray(end + 4)));
      return;
    }
  }

  #receive(data: Buffer): void {
    let bytes = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data]);
    for (;;) {
      const frame = readFrame(bytes);
      if (frame === null) break;
      bytes = bytes.subarray(frame.end);
      if (frame.opcode === TEXT) this.#take(frame.payload);
      else if (frame.opcode === CLOSE) {
        this.onClose(frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005);
      }
    }
    this.#pending = bytes;
  }

  /** Proves that it reads, when it is asked to, as every client does (LIM-9). */
  #take(payload: Buffer): void {
    if (payload.equals(this.#proof.question)) this.send(this.#proof.answer);
    else this.onText(payload);
  }
}

/** What a server asks to hear whether it is read, and what a reader says to that. */
export interface ReadingProof {
  question: string;
  answer: string;
}

export const DIRECT_PROOF: ReadingProof = {
  question: '{"type":"events","events":[],"more":true}',
  answer: '{"type":"next"}',
};

const TEXT = 1;
const CLOSE = 8;

/** The first whole frame of `bytes`; null when more must arrive. Frames from a server carry no mask. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; end: number } | null {
  if (bytes.length < 2) return null;
  const short = (bytes[1] ?? 0) & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return null;
  const size =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = start + size;
  if (bytes.length < end) return null;
  return { opcode: (bytes[0] ?? 0) & 0x0f, payload: bytes.subarray(start, end), end };
}

/** A final text frame under an all-zero mask: clients must mask, and zero leaves the bytes as they are. */
function maskedTextFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const size = payload.length;
  const header = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const frame = Buffer.alloc(header + 4 + size);
  frame[0] = 0x80 | TEXT;
  frame[1] = 0x80 | (header === 2 ? size : header === 4 ? 126 : 127);
  if (header === 4) frame.writeUInt16BE(size, 2);
  if (header === 10) frame.writeBigUInt64BE(BigInt(size), 2);
  payload.copy(frame, header + 4);
  return frame;
}
