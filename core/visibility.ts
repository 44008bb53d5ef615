/**
 * How often a user has turned between being seen and being invisible, from 0, which is seen. Of two that arrive in any
 * order the higher one is what holds, so telling it again, or late, does no harm. Rule LIV-5.
 */
export type Visibility = number;

/** Others are shown that the user is away. */
export function isInvisible(visibility: Visibility): boolean {
  return visibility % 2 === 1;
}

/** The next one, unless it is what the user wants already. */
export function turned(visibility: Visibility, invisible: boolean): Visibility {
  return isInvisible(visibility) === invisible ? visibility : visibility + 1;
}
