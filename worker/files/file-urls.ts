import { refusal, type Refusal } from "../../protocol/error-codes.ts";
import { fileIdOf, type FileAddress } from "../../protocol/file-id.ts";
import { parseUserId, type UserId } from "../../protocol/ids.ts";
import { LIMITS } from "../../protocol/limits.ts";
import { fail, ok, type Result } from "../../protocol/result.ts";
import { fromBase64Url, toBase64Url } from "../../edge/auth/base64-url.ts";

/** What one URL lets its bearer do: read a file in all its sizes, or store one part of an upload. */
type UrlPurpose = { type: "read" } | { type: "part"; part: number; length: number };

const ALGORITHM = { name: "HMAC", hash: "SHA-256" } as const;
const INVALID = refusal("INVALID_TOKEN", "this URL was not signed here");

/**
 * URLs that stand for a user for a short time, for `<img>` and players, which send no token. The signature names the
 * user; whether that user is a member is asked again at every use, so a URL dies with the membership. Rule FIL-7.
 */
export class FileUrls {
  readonly #key: Promise<CryptoKey>;
  readonly #origin: string;
  readonly #now: () => number;

  constructor(secret: string, origin: string, now: () => number) {
    const bytes = new TextEncoder().encode(secret);
    this.#key = crypto.subtle.importKey("raw", bytes, ALGORITHM, false, ["sign", "verify"]);
    this.#origin = origin;
    this.#now = now;
  }

  /** `below` is a path under the file's own. */
  async read(userId: UserId, file: FileAddress, below = ""): Promise<string> {
    const expires = this.#expiry(LIMITS.fileUrlSeconds);
    return this.#signed(`/files/${fileIdOf(file)}${below}`, {
      userId,
      file,
      expires,
      purpose: { type: "read" },
    });
  }

  async part(userId: UserId, file: FileAddress, part: number, length: number): Promise<string> {
    const expires = this.#expiry(LIMITS.uploadUrlSeconds);
    return this.#signed(`/files/${fileIdOf(file)}/parts/${part}`, {
      userId,
      file,
      expires,
      purpose: { type: "part", part, length },
    });
  }

  /** Whose URL this is, if it was signed here for this file and purpose and has not expired. */
  async verify(
    query: URLSearchParams,
    file: FileAddress,
    purpose: UrlPurpose,
  ): Promise<Result<UserId, Refusal>> {
    const userId = parseUserId(query.get("user"));
    const expires = Number(query.get("expires"));
    const signature = signatureOf(query.get("signature"));
    if (!userId.ok || !Number.isSafeInteger(expires) || signature === null) return fail(INVALID);
    const text = signedText({ userId: userId.value, file, expires, purpose });
    const isOurs = await crypto.subtle.verify(ALGORITHM, await this.#key, signature, text);
    if (!isOurs) return fail(INVALID);
    if (expires * 1_000 <= this.#now()) {
      return fail(refusal("TOKEN_EXPIRED", "this URL has expired"));
    }
    return ok(userId.value);
  }

  #expiry(seconds: number): number {
    return Math.floor(this.#now() / 1_000) + seconds;
  }

  async #signed(path: string, grant: Grant): Promise<string> {
    const signature = await crypto.subtle.sign(ALGORITHM, await this.#key, signedText(grant));
    const url = new URL(path, this.#origin);
    url.searchParams.set("user", grant.userId);
    url.searchParams.set("expires", `${grant.expires}`);
    url.searchParams.set("signature", toBase64Url(new Uint8Array(signature)));
    return url.href;
  }
}

interface Grant {
  userId: UserId;
  file: FileAddress;
  /** Epoch seconds. */
  expires: number;
  purpose: UrlPurpose;
}

/** JSON, so that no two grants have the same text whatever their ids hold. */
function signedText({ userId, file, expires, purpose }: Grant): Uint8Array {
  const what = purpose.type === "read" ? ["read"] : ["part", purpose.part, purpose.length];
  return new TextEncoder().encode(JSON.stringify([...what, fileIdOf(file), userId, expires]));
}

function signatureOf(text: string | null): Uint8Array | null {
  try {
    return text === null ? null : fromBase64Url(text);
  } catch {
    return null;
  }
}
