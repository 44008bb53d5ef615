/**
 * How often a user has changed who sees him, from 0: to turn between being seen and being invisible counts one, so that
 * odd is invisible; to block other people counts two. Of two that arrive in any order the higher one is what holds, so
 * telling it again, or late, does no harm. Rules LIV-5 and LIV-6.
 */
export type Visibility = number;

/** What a user's Inbox tells his conversations. */
export interface Appearance {
  visibility: Visibility;
  /** Whom the user has blocked. */
  blocked: readonly string[];
}

/** Others are shown that the user is away. */
export function isInvisible(visibility: Visibility): boolean {
  return visibility % 2 === 1;
}

/** The next one, unless it is what the user wants already. */
export function turned(visibility: Visibility, invisible: boolean): Visibility {
  return isInvisible(visibility) === invisible ? visibility : visibility + 1;
}

/** The next one, for other blocks. */
export function renewed(visibility: Visibility): Visibility {
  return visibility + 2;
}

/** To whom somebody who is here is shown: to the others but for some, or to nobody. */
export interface Shown {
  isUnseen: boolean;
  hiddenFrom: ReadonlySet<string>;
}

/** What others are told: he came, or he went. */
export interface Turn {
  online: boolean;
  /** Left out: all others. */
  only?: string;
  hiddenFrom?: ReadonlySet<string>;
}

/** To the others, who is not seen any more has gone, and who is seen has come. Nobody is told what he knows. */
export function turnsBetween(before: Shown, after: Shown): Turn[] {
  if (before.isUnseen && after.isUnseen) return [];
  if (before.isUnseen) return [{ online: true, hiddenFrom: after.hiddenFrom }];
  if (after.isUnseen) return [{ online: false, hiddenFrom: before.hiddenFrom }];
  const gone = after.hiddenFrom.difference(before.hiddenFrom);
  const come = before.hiddenFrom.difference(after.hiddenFrom);
  return [
    ...[...gone].map((only) => ({ online: false, only })),
    ...[...come].map((only) => ({ online: true, only })),
  ];
}
