import type { Servers } from "./servers.js";

/** What one server had to do for one query, on average. */
export interface Traffic {
  readonly commands: number;
  /** Both ways, as the server counts them. */
  readonly bytes: number;
}

/** What so many queries cost each server. */
export async function trafficOf(servers: Servers, queries: number, ask: () => Promise<unknown>): Promise<Traffic[]> {
  const before = await servers.info("stats");
  await ask();
  const after = await servers.info("stats");
  return after.map((now, i) => {
    const grown = (name: string) => (now.get(name) ?? 0) - (before[i].get(name) ?? 0);
    const commands = grown("total_commands_processed") - 1; // the first look
    return { commands: commands / queries, bytes: (grown("total_net_input_bytes") + grown("total_net_output_bytes")) / queries };
  });
}

/** Bytes in use by each server. */
export async function usedMemory(servers: Servers): Promise<number[]> {
  return (await servers.info("memory")).map((memory) => memory.get("used_memory") ?? 0);
}

/** Seconds of processor time of all servers so far. */
export async function processorSeconds(servers: Servers): Promise<number> {
  return sum((await servers.info("cpu")).map((cpu) => (cpu.get("used_cpu_user") ?? 0) + (cpu.get("used_cpu_sys") ?? 0)));
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
