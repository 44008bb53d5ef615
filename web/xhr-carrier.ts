import type { Carry } from "../client/index.ts";

/** Carries bytes by XMLHttpRequest: alone of a browser's ways it tells how far they have got. */
export const carryByXhr: Carry = (url, { method = "GET", headers, body, signal }, sent) =>
  new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const abort = () => xhr.abort();
    const fail = () => reject(signal?.reason ?? new Error("the request did not get through"));
    xhr.open(method, url);
    new Headers(headers).forEach((value, name) => xhr.setRequestHeader(name, value));
    xhr.upload.addEventListener("progress", ({ loaded }) => sent(loaded));
    xhr.addEventListener("load", () => {
      const answer = new Headers();
      for (const name of ["content-type", "retry-after"]) {
        const value = xhr.getResponseHeader(name);
        if (value !== null) answer.set(name, value);
      }
      const isBare = xhr.status === 204 || xhr.status === 304;
      const text = isBare ? null : xhr.responseText;
      resolve(new Response(text, { status: xhr.status, headers: answer }));
    });
    xhr.addEventListener("error", fail);
    xhr.addEventListener("abort", fail);
    xhr.addEventListener("loadend", () => signal?.removeEventListener("abort", abort));
    if (signal?.aborted === true) return fail();
    signal?.addEventListener("abort", abort);
    // a request to send is as a browser's `fetch` takes it; streams alone are none of XMLHttpRequest's
    if (body instanceof ReadableStream) throw new TypeError("a stream cannot be carried");
    return xhr.send(body ?? null);
  });
