import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";

/**
 * After a key nobody knew, the set is fetched again, but no more often than this: whoever sends tokens of invented keys
 * must not make the edge hammer the issuer. So long a fresh key may be refused after a rotation.
 */
const FETCH_AGAIN_MS = 5_000;
const FETCH_TIMEOUT_MS = 3_000;

/** The issuer's keys could not be had: a token can be neither taken nor refused. */
export class KeySetUnavailableError extends Error {
  override readonly name = "KeySetUnavailableError";
  readonly code = "UNAVAILABLE";

  shouldRetry(): boolean {
    return true;
  }
}

const sets = new Map<string, JWTVerifyGetKey>();

/** An organisation's key set, kept for ten minutes and fetched again when a key is not in it. */
export function outsideKeySet(url: URL): JWTVerifyGetKey {
  const known = sets.get(url.href) ?? openKeySet(url);
  sets.set(url.href, known);
  return known;
}

function openKeySet(url: URL): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(url, {
    cooldownDuration: FETCH_AGAIN_MS,
    timeoutDuration: FETCH_TIMEOUT_MS,
  });
  return async (header, token) => {
    try {
      return await remote(header, token);
    } catch (error) {
      if (isAboutTheToken(error)) throw error;
      throw new KeySetUnavailableError("the issuer's keys cannot be had", { cause: error });
    }
  };
}

/** No key for it, or one that cannot be: as opposed to an issuer that does not answer. */
function isAboutTheToken(error: unknown): boolean {
  return (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JOSEAlgNotAllowed
  );
}
