/** How far an own message has got; `label` where there is more to say than the state does. */
export interface Progress {
  state: "waiting" | "stored" | "delivered" | "read" | "failed";
  label?: string;
}
