/** What some work took, by the clock and of all threads of this process. */
export interface Spent {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Does some work and tells what it took. */
export async function spentBy(work: () => Promise<unknown>): Promise<Spent> {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(used);
  return { seconds: (performance.now() - begun) / 1000, cpuSeconds: (user + system) / 1e6 };
}
