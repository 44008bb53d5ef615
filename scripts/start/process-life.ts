import { readFile } from "node:fs/promises";

/** Places in /proc/PID/stat behind the name, which may hold anything but ends with the last `)`. */
const STATE = 0;
const STARTED_AT = 19;

/**
 * What only this life of the process has: after a restart of the machine, or of a container, another program often has
 * the pid. Null where the system does not tell, and for one that has ended and was only not fetched by its parent.
 */
export async function lifeOf(pid: number): Promise<string | null> {
  const [boot, stat] = await Promise.all([
    readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => null),
    readFile(`/proc/${pid}/stat`, "utf8").catch(() => null),
  ]);
  if (boot === null || stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startedAt = fields[STARTED_AT];
  return fields[STATE] === "Z" || startedAt === undefined ? null : `${boot.trim()} ${startedAt}`;
}
