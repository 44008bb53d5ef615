import path from "node:path";
import { REPO } from "../tests/services/servers/cache.ts";

/**
 * What Node is given to run the bridge. kafkajs sets a timer into the past whenever it has nothing to send, which Node
 * warns about and corrects; the library has no option for it.
 */
export const BRIDGE_PROGRAM: readonly string[] = [
  "--disable-warning=TimeoutNegativeWarning",
  path.join(REPO, "bridge/main.ts"),
];
