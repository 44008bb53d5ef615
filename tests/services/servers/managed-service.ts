import { logFile } from "./cache.ts";
import { makeDataFolder, removeDataFolder } from "./data-folder.ts";
import { ManagedProcess, type ProcessOptions } from "./managed-process.ts";
import type { RunningService } from "./service.ts";

export interface ServiceOptions {
  name: string;
  version: string;
  address: string;
  env: Record<string, string>;
  /** Told the fresh folder of this server's data, where it also runs. */
  process(dataFolder: string): Promise<Omit<ProcessOptions, "cwd" | "logFile">>;
}

/** Starts one server on data of its own. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { name, version, address, env } = options;
  const dataFolder = await makeDataFolder(name);
  const file = await logFile(`${name}-${process.pid}`);
  try {
    const launch = await options.process(dataFolder);
    const managed = await ManagedProcess.start({ ...launch, cwd: dataFolder, logFile: file });
    return {
      state: "running",
      version,
      address,
      logFile: file,
      env,
      kill: (signal) => managed.kill(signal),
      restart: () => managed.restart(),
      async stop() {
        await managed.kill();
        await removeDataFolder(dataFolder);
      },
    };
  } catch (error) {
    await removeDataFolder(dataFolder);
    throw error;
  }
}
