import { NearError } from "../../core/errors.js";
import { authError, isAuth, textOf } from "./failures.js";
import { slotCount } from "./slots.js";
import { within } from "./time.js";
import type { Dialer, Link, Reply } from "./wire.js";

/** Milliseconds that a server has to say who holds which slots. */
const askMillis = 1000;

/** Who holds which slot, and a connection to each. */
export class Servers {
  readonly #dialer: Dialer;
  readonly #links = new Map<string, Promise<Link>>();
  /** Those of them that are there, so that calls need not wait. */
  readonly #open = new Map<string, Link>();
  /** By slot: host and port of the primary; empty where it is not known. */
  #owners: string[] = [];
  #cluster: boolean | undefined;
  #refreshing: Promise<void> | null = null;

  constructor(dialer: Dialer) {
    this.#dialer = dialer;
    this.#cluster = dialer.cluster;
  }

  /** Whether it is a cluster: known once `connect` resolved. */
  get cluster(): boolean {
    return this.#cluster === true;
  }

  /** Primaries that hold a slot, as far as is known. */
  get primaryCount(): number {
    return new Set(this.#owners.filter((owner) => owner !== undefined && owner !== "")).size;
  }

  /** Connects to one server at least. Rejects with what failed. */
  async connect(): Promise<void> {
    if (this.#cluster !== undefined && this.#links.size > 0) return;
    const [first] = await this.#seeds();
    if (first === undefined) throw new Error("no server answers");
    if (this.#cluster === undefined) {
      const [outcome] = await Promise.all(first.send([["INFO", "cluster"]]));
      if ("refused" in outcome) throw isAuth(outcome.refused) ? authError(outcome.refused) : new Error(outcome.refused);
      if ("lost" in outcome) throw outcome.lost;
      this.#cluster = String(outcome.reply).includes("cluster_enabled:1");
    }
    if (this.#cluster) await this.refresh();
  }

  /** The connection to whoever holds a slot, where there is one already. */
  known(slot: number): Link | undefined {
    return this.#open.get(this.#cluster === true ? (this.#owners[slot] ?? "") : "");
  }

  /** The connection to whoever holds a slot. Rejects where it is not known, or cannot be reached. */
  async of(slot: number): Promise<Link> {
    if (this.#cluster === undefined) await this.connect();
    if (this.#cluster !== true) return this.#single();
    if (this.#owners[slot] === undefined || this.#owners[slot] === "") await this.refresh();
    const owner = this.#owners[slot];
    if (owner === undefined || owner === "") throw new Error(`no server holds slot ${slot}`);
    return this.at(owner);
  }

  /** The connection to the server at host:port. */
  at(address: string): Promise<Link> {
    const known = this.#links.get(address);
    if (known !== undefined) return known;
    const cut = address.lastIndexOf(":");
    const dialling = this.#dialer.dial(address.slice(0, cut), Number(address.slice(cut + 1)));
    this.#keep(address, dialling);
    return dialling;
  }

  #keep(address: string, dialling: Promise<Link>): void {
    this.#links.set(address, dialling);
    dialling.then(
      (link) => {
        if (this.#links.get(address) === dialling) this.#open.set(address, link);
      },
      () => {
        if (this.#links.get(address) === dialling) this.#links.delete(address);
      },
    );
  }

  /** One connection to each primary that holds a slot. */
  async primaries(): Promise<Link[]> {
    if (this.#cluster !== true) return [await this.#single()];
    await this.refresh();
    return Promise.all([...new Set(this.#owners)].filter((owner) => owner !== undefined && owner !== "").map((owner) => this.at(owner)));
  }

  /** Notes that a slot is elsewhere. */
  moved(slot: number, address: string): void {
    this.#owners[slot] = address;
  }

  /** Gives up a connection that failed; the next to need it makes another. */
  drop(link: Link): void {
    for (const [address, other] of this.#open) if (other === link) this.#open.delete(address);
    for (const [address, known] of this.#links) {
      void known.then(
        (other) => {
          if (other === link && this.#links.get(address) === known) this.#links.delete(address);
        },
        () => {},
      );
    }
    link.end();
  }

  /** Asks who holds which slots; the first server that knows is believed. What it cannot find out stays as it was. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#ask().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async close(): Promise<void> {
    const links = await Promise.allSettled(this.#links.values());
    for (const link of links) if (link.status === "fulfilled") link.value.end();
    this.#links.clear();
    this.#open.clear();
    await this.#dialer.close();
  }

  async #single(): Promise<Link> {
    const known = this.#links.get("");
    if (known !== undefined) return known;
    const [link] = await this.#seeds();
    if (link === undefined) throw new Error("no server answers");
    return link;
  }

  async #seeds(): Promise<Link[]> {
    const seeds = await this.#dialer.seeds().catch((error: unknown) => {
      throw error instanceof NearError || !isAuth(textOf(error)) ? error : authError(textOf(error));
    });
    if (this.#cluster === false || (this.#cluster === undefined && seeds.length > 0)) this.#keep("", Promise.resolve(seeds[0]));
    for (const seed of seeds) if (seed.address !== "" && this.#cluster !== false) this.#keep(seed.address, Promise.resolve(seed));
    return seeds;
  }

  async #ask(): Promise<void> {
    const known = await Promise.allSettled(
      [...this.#links].filter(([address]) => address !== "").map(([, link]) => within(link, askMillis)),
    );
    let links = known.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    if (links.length === 0) links = await this.#seeds();
    const answers = links.map(async (link) => {
      const [outcome] = link.send([["CLUSTER", "SLOTS"]]);
      const answer = await within(outcome, askMillis);
      if ("reply" in answer) return ownersFrom(answer.reply, link.address);
      throw "refused" in answer ? new Error(answer.refused) : answer.lost;
    });
    const owners = await Promise.any(answers).catch(() => null);
    if (owners !== null) this.#owners = owners;
    else if (links === undefined || known.length > 0) await this.#reseed();
  }

  /** Nobody known answers: begins again with those it was given. */
  async #reseed(): Promise<void> {
    for (const link of this.#links.values())
      void link.then(
        (one) => one.end(),
        () => {},
      );
    this.#links.clear();
    this.#open.clear();
    await this.#seeds();
  }
}

/** The reply of CLUSTER SLOTS as an address by slot. A server that does not know its own name leaves it out: then it is the one that was asked. */
function ownersFrom(reply: Reply, asked: string): string[] {
  const owners = new Array<string>(slotCount).fill("");
  for (const range of reply as readonly (readonly Reply[])[]) {
    const [from, to, primary] = range as readonly [number, number, readonly [Buffer | null, number]]; // as the protocol has it
    const host = String(primary[0] ?? "");
    const own = host === "" || host === "?" ? asked.slice(0, asked.lastIndexOf(":")) : host;
    owners.fill(`${own}:${primary[1]}`, from, to + 1);
  }
  return owners;
}
