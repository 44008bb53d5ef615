/**
 * How often something may be tried: `burst` times at once, then once every `everyMs`. Kept as one moment, when the
 * bucket will be empty again (GCRA), so that a store takes an attempt with one guarded write.
 */
export interface AttemptBounds {
  burst: number;
  everyMs: number;
}

export interface AttemptBucket extends AttemptBounds {
  /** What is counted; hashed before it is stored. */
  name: string;
}

/** Ms until a full bucket takes an attempt again. */
export function attemptAfter(
  emptyAt: number,
  { burst, everyMs }: AttemptBounds,
  now: number,
): number {
  return Math.max(0, emptyAt + everyMs - burst * everyMs - now);
}

/**
 * The buckets of one login. One address guessing at one account is slowed down first, one address guessing at many
 * second. Many addresses guessing at one account fill that account's bucket, which addresses its owner has signed in
 * from do not share: so nobody can lock an owner out of a place they use.
 */
export function loginBuckets(
  login: string,
  address: string | null,
  isKnownAddress: boolean,
): AttemptBucket[] {
  const who = login.toLowerCase();
  const buckets: AttemptBucket[] = [
    { name: JSON.stringify(["login", who, address]), ...ONE_ACCOUNT_FROM_ONE_ADDRESS },
  ];
  if (address !== null) buckets.push({ name: JSON.stringify(["from", address]), ...ONE_ADDRESS });
  if (!isKnownAddress) buckets.push({ name: JSON.stringify(["login", who]), ...ONE_ACCOUNT });
  return buckets;
}

/** The bucket of one registration: each address has one, and every account that is made from there stays in it. */
export function registrationBucket(address: string): AttemptBucket {
  return { name: JSON.stringify(["register", address]), ...ACCOUNTS_OF_ONE_ADDRESS };
}

/** A person mistypes a few times, then thinks. */
const ONE_ACCOUNT_FROM_ONE_ADDRESS = { burst: 5, everyMs: 60_000 };
/** 120 guesses an hour over all strange addresses together: a password of eight characters outlives that. */
const ONE_ACCOUNT = { burst: 20, everyMs: 30_000 };
/** A whole office behind one address signs in on a Monday; only failures stay in the bucket. */
const ONE_ADDRESS = { burst: 100, everyMs: 2_000 };
/** A whole school registers in one hour from behind one address; a script fills a database more slowly than that. */
const ACCOUNTS_OF_ONE_ADDRESS = { burst: 200, everyMs: 30_000 };

/**
 * What counts as one address: of IPv6 the network of 64 bits, since its owner can use any address in it.
 * Source: RFC 6177, RFC 7934.
 */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill("0");
  const groups = [...before, ...zeros, ...after].slice(0, 4);
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":");
}
