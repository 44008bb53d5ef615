/** Why a body could not be read. `cut`: the client went away in the middle. */
export type BodyFailure = "too large" | "cut";

/** Reads a body of at most `maxBytes`; stops at the first byte above. Invalid UTF-8 becomes U+FFFD. */
export async function readBody(
  request: Request,
  maxBytes: number,
): Promise<{ text: string } | { failure: BodyFailure }> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) {
    await request.body?.cancel();
    return { failure: "too large" };
  }
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for await (const chunk of request.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) return { failure: "too large" };
      text += decoder.decode(chunk, { stream: true });
    }
  } catch {
    return { failure: "cut" };
  }
  return { text: text + decoder.decode() };
}
