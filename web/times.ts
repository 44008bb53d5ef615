const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

/** `at` is epoch milliseconds everywhere here. */
export function timeOfDay(at: number): string {
  return TIME.format(at);
}

/** The day as a heading. */
export function dayOf(at: number): string {
  return DAY.format(at);
}

/** The same for two times of one day only. */
export function dayKey(at: number): string {
  return new Date(at).toDateString();
}

/** The time for today, else the date. */
export function shortTime(at: number): string {
  return dayKey(at) === dayKey(Date.now()) ? timeOfDay(at) : DATE.format(at);
}

/** Of another day than today, too. */
export function dateAndTime(at: number): string {
  return `${DATE.format(at)}, ${timeOfDay(at)}`;
}
