import type { Log } from "../../bridge/log.ts";

export const quietLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
