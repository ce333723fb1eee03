import { NearError } from "../../core/errors.js";
import { remedyFor, textOf, unavailable } from "./failures.js";
import type { Servers } from "./servers.js";
import { pause, within } from "./time.js";
import type { Argument, Link, Outcome, Reply } from "./wire.js";

/** A script, sent by its digest where the server has it. */
export interface Script {
  readonly text: string;
  /** Known once it was sent. */
  sha?: string;
}

/** One command to whoever holds a shard's slot. Whatever is called must not mind being done twice. */
export interface Call {
  readonly shard: number;
  readonly slot: number;
  /** The command, or what follows the number of keys of a script: keys first. */
  readonly args: readonly Argument[];
  readonly script?: { readonly code: Script; readonly keys: number };
  /** Whether it writes: then it counts only when replicas have it, where that is asked for. */
  readonly writes?: boolean;
}

/** What a call came to. */
export type Called = { readonly reply: Reply } | { readonly error: NearError };

/** How calls are made. */
export interface CallOptions {
  /** Milliseconds after which a call is given up. */
  readonly timeoutMs: number;
  /** Replicas that must have a write; 0 for none. */
  readonly replicas: number;
}

/** A call under way. */
interface Pending {
  readonly call: Call;
  readonly index: number;
  /** Where it is to be asked for once, while its slot is on its way. */
  ask?: string | undefined;
  /** Whether the script's text is needed. */
  text?: boolean;
  /** Whether it may have been done. */
  tried: boolean;
  why: unknown;
}

const firstPause = 10;
const longestPause = 400;

/** Makes calls until they are answered: grouped anew at every attempt by who holds their slots then, each with an outcome of its own. */
export class Calls {
  readonly #servers: Servers;
  readonly #options: CallOptions;

  constructor(servers: Servers, options: CallOptions) {
    this.#servers = servers;
    this.#options = options;
  }

  /** The replies, in order. Rejects with the first error, after all were tried. */
  async all(calls: readonly Call[]): Promise<Reply[]> {
    const outcomes = await this.each(calls);
    const failed = outcomes.flatMap((one) => ("error" in one ? [one.error] : []));
    if (failed.length > 0) throw mergedError(failed);
    return outcomes.map((one) => ("reply" in one ? one.reply : null));
  }

  /** What each call came to, in order; never rejects. */
  async each(calls: readonly Call[]): Promise<Called[]> {
    const results = new Array<Called>(calls.length);
    const limit = performance.now() + this.#options.timeoutMs;
    for (const { script } of calls) if (script !== undefined) script.code.sha ??= await digest(script.code.text);
    let pending: Pending[] = calls.map((call, index) => ({ call, index, tried: false, why: undefined }));
    for (let attempt = 0; pending.length > 0; attempt++) {
      const left = limit - performance.now();
      if (left <= 0) {
        for (const { call, index, tried, why } of pending) results[index] = { error: this.#late(call, tried, why) };
        break;
      }
      // A server that hangs is not waited for to the end: by then another may have its slots.
      const answered = await this.#attempt(pending, Math.min(left, Math.max(1000, this.#options.timeoutMs / 4)));
      pending = [];
      let waits = false;
      for (const { one, outcome, link } of answered) {
        const again = this.#judge(one, outcome, results, link);
        if (again === null) continue;
        pending.push(one);
        waits ||= again;
      }
      if (!waits) continue;
      await pause(Math.min(longestPause, firstPause * 2 ** attempt));
      await this.#servers.refresh().catch(() => {});
    }
    return results;
  }

  /** One go at all of them: a pipeline for each server. */
  async #attempt(pending: readonly Pending[], millis: number): Promise<{ one: Pending; outcome: Outcome; link?: Link }[]> {
    const placed = await Promise.all(
      pending.map(async (one) => {
        const known = one.ask === undefined ? this.#servers.known(one.call.slot) : undefined;
        if (known !== undefined) return { one, link: known };
        try {
          return { one, link: await within(one.ask === undefined ? this.#servers.of(one.call.slot) : this.#servers.at(one.ask), millis) };
        } catch (error) {
          return { one, error };
        }
      }),
    );
    const groups = new Map<Link, Pending[]>();
    const answered: { one: Pending; outcome: Outcome; link?: Link }[] = [];
    for (const { one, link, error } of placed) {
      if (link === undefined) {
        answered.push({ one, outcome: { lost: error } });
        continue;
      }
      const group = groups.get(link) ?? [];
      groups.set(link, group);
      group.push(one);
    }
    await Promise.all(
      [...groups].map(async ([link, group]) => {
        const outcomes = await this.#send(link, group, millis);
        for (const [i, one] of group.entries()) answered.push({ one, outcome: outcomes[i], link });
      }),
    );
    return answered;
  }

  async #send(link: Link, group: readonly Pending[], millis: number): Promise<Outcome[]> {
    const commands: (readonly Argument[])[] = [];
    const places = group.map((one) => {
      if (one.ask !== undefined) commands.push(["ASKING"]);
      commands.push(commandOf(one));
      one.tried = true;
      return commands.length - 1;
    });
    const { replicas } = this.#options;
    const waits = replicas > 0 && group.some(({ call }) => call.writes);
    // On the connection that wrote: it waits for what was written through it.
    if (waits) commands.push(["WAIT", String(replicas), String(Math.ceil(millis * 0.8))]);
    const sent = link.send(commands);
    const all = await within(Promise.all(sent), millis).catch((error: unknown) => {
      this.#servers.drop(link);
      return Promise.all(sent.map((one) => within(one, 0).catch((): Outcome => ({ lost: error }))));
    });
    const copies = waits ? all[all.length - 1] : undefined;
    return places.map((at, i) => (copies !== undefined && group[i].call.writes === true ? replicated(all[at], copies, replicas) : all[at]));
  }

  /** Notes a result; or says that it is to be tried again, and whether after a pause. Null when it is done. */
  #judge(one: Pending, outcome: Outcome, results: Called[], link?: Link): boolean | null {
    one.ask = undefined;
    if ("reply" in outcome) {
      results[one.index] = { reply: outcome.reply };
      return null;
    }
    if ("lost" in outcome) {
      if (outcome.lost instanceof NearError) {
        results[one.index] = { error: outcome.lost };
        return null;
      }
      one.why = outcome.lost;
      if (link !== undefined) this.#servers.drop(link);
      return true;
    }
    const remedy = remedyFor(outcome.refused);
    one.why = outcome.refused;
    switch (remedy.kind) {
      case "moved":
        this.#servers.moved(remedy.slot, this.#named(remedy, link));
        return false;
      case "ask":
        one.ask = this.#named(remedy, link);
        return false;
      case "text":
        one.text = true;
        return false;
      case "later":
        return true;
      case "final":
        results[one.index] = { error: remedy.error };
        return null;
    }
  }

  /** A server that redirects to a port without a host means its own. */
  #named({ host, port }: { readonly host: string; readonly port: number }, link: Link | undefined): string {
    return `${host === "" ? (link?.address.slice(0, link.address.lastIndexOf(":")) ?? "") : host}:${port}`;
  }

  #late({ shard, args, script }: Call, tried: boolean, why: unknown): NearError {
    const what = script === undefined ? String(args[0]) : "a script";
    const outcome = tried && why !== undefined && typeof why !== "string" ? "unknown" : "none";
    if (typeof why === "string" && why.startsWith("READONLY")) {
      const message = `the server is a read-only replica (${textOf(why)}): connect to the primary`;
      return new NearError("E_READONLY", message, { retryable: false, outcome: "none", shards: [shard] });
    }
    return unavailable(what, [shard], outcome, this.#options.timeoutMs, why);
  }
}

function commandOf({ call: { args, script }, text }: Pending): readonly Argument[] {
  if (script === undefined) return args;
  const { code, keys } = script;
  return code.sha === undefined || text === true
    ? ["EVAL", code.text, String(keys), ...args]
    : ["EVALSHA", code.sha, String(keys), ...args];
}

/** SHA-1 in hexadecimal digits, by which servers know scripts. */
async function digest(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest("SHA-1", Buffer.from(text))).toString("hex");
}

/** A write's outcome, once it is known how many replicas have it. */
function replicated(outcome: Outcome, copies: Outcome, wanted: number): Outcome {
  if (!("reply" in outcome)) return outcome;
  if ("lost" in copies) return { lost: copies.lost };
  const count = "reply" in copies ? Number(copies.reply) : 0;
  if (count >= wanted) return outcome;
  const message = `a write reached ${count} of the ${wanted} replicas asked for: it may be lost if the primary fails. Check the replicas, then write again, or ask for ack: "primary"`;
  return { lost: new NearError("E_NOT_REPLICATED", message, { replicas: count, wanted, retryable: true, outcome: "unknown" }) };
}

/** One error for many calls: the first, with all the shards. */
export function mergedError(errors: readonly NearError[]): NearError {
  const [first] = errors;
  const alike = errors.filter(({ code }) => code === first.code);
  const shards = [...new Set(alike.flatMap(({ details }) => (details["shards"] as readonly number[] | undefined) ?? []))].sort(
    (a, b) => a - b,
  ); // ours
  if (shards.length < 2) return first;
  const outcome = alike.some(({ details }) => details["outcome"] === "unknown") ? "unknown" : "none";
  const message = first.message.replace(/ of shard [\d, ]+/, ` of shard ${shards.join(", ")}`);
  return new NearError(first.code, message, { ...first.details, shards, outcome }, { cause: first.cause });
}
