import * as v from "valibot";
import { cursorText, timeSchema } from "./ids.ts";
import { matriculeSchema, personName } from "./names.ts";
import { presenceEntries } from "./presence.ts";

const password = v.pipe(v.string(), v.minLength(8), v.maxLength(128));
const email = v.pipe(v.string(), v.maxLength(254), v.email());

export const registration = v.object({
  matricule: matriculeSchema,
  password,
  name: personName,
  email: v.optional(email),
});
/** A wrong form of login or password is a wrong login, not a hint about the rules. */
export const loginBody = v.union(
  [
    v.object({ matricule: v.string(), password: v.string() }),
    v.object({ email: v.string(), password: v.string() }),
  ],
  "a login is password with matricule or email, each a string",
);
export const refreshBody = v.object({
  refreshToken: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
});

export const accountSchema = v.object({
  userId: v.string(),
  matricule: v.nullable(v.string()),
  name: v.string(),
  email: v.nullable(v.string()),
  role: v.string(),
});
export const meSchema = v.object({ user: accountSchema });
export const credentialsSchema = v.object({
  user: accountSchema,
  accessToken: v.string(),
  refreshToken: v.string(),
  /** Seconds. */
  expiresIn: v.number(),
});

export const accountPatch = v.pipe(
  v.object({
    name: v.exactOptional(personName),
    email: v.exactOptional(email),
    newPassword: v.exactOptional(password),
    currentPassword: v.exactOptional(v.string()),
  }),
  v.check(
    ({ newPassword, email: address, currentPassword }) =>
      (newPassword === undefined && address === undefined) || currentPassword !== undefined,
    "a new password or address needs currentPassword",
  ),
);

export const signInsSchema = v.object({
  signIns: v.array(
    v.object({
      signInId: v.string(),
      device: v.string(),
      startedAt: timeSchema,
      usedAt: timeSchema,
    }),
  ),
});
export const onSignIn = v.object({ signInId: v.pipe(v.string(), v.uuid()) });

/** The shapes of auth-user-service. */
export const legacyLogin = v.object({ matricule: v.string(), password: v.string() });
export const legacyUserSchema = v.object({
  id: v.string(),
  matricule: v.nullable(v.string()),
  nom: v.string(),
  prenom: v.string(),
});
export const legacyLoginSchema = v.object({ user: legacyUserSchema, token: v.string() });
export const validateBody = v.object({ token: v.string() });

/** What others may see of an account. */
export const profileSchema = v.object({
  userId: v.string(),
  matricule: v.string(),
  name: v.string(),
});
export const profileWithPresenceSchema = v.object({
  ...profileSchema.entries,
  /** Null for people one shares no conversation with. */
  presence: v.nullable(v.object(presenceEntries)),
});
export const profilePageSchema = v.object({
  users: v.array(profileSchema),
  nextCursor: v.nullable(v.string()),
});
export const userSearch = v.object({
  q: v.optional(v.pipe(v.string(), v.trim(), v.maxLength(100)), ""),
  cursor: v.optional(cursorText),
});
