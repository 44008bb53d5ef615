import * as v from "valibot";
import { isReservedName, nameProblem } from "../../../core/person-name.ts";
import { conversationNameSchema } from "../../../protocol/settings.ts";

const RESERVED = "is one of the deployment's own names";

/** Fit to be read by others. Events of the log are not held to it: they may be older. */
const shownName = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? nameProblem(dataset.value) : null;
    if (problem !== null) addIssue({ message: problem });
  }),
);

/** Of a group or a list. Rule USR-1. */
export const conversationName = v.pipe(conversationNameSchema, shownName);

/** Of a person or a service. Rules USR-1 and USR-2. */
export const personName = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(100),
  shownName,
  v.check((name) => !isReservedName(name), RESERVED),
);

export const matriculeSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9._-]{3,64}$/, "is 3 to 64 of letters, digits, . _ -"),
  v.check((matricule) => !isReservedName(matricule), RESERVED),
);
