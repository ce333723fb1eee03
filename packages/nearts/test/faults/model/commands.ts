import fc from "fast-check";
import type { Engine, Id, Neighbour } from "nearts";
import { DIM, type Subject } from "./subjects.js";

/** What must be stored. */
export interface Model {
  readonly held: Map<Id, { readonly vector: readonly number[]; readonly data: unknown }>;
}

/** The same index on every storage. */
export interface Real {
  readonly run: number;
  readonly subjects: readonly Subject[];
  engines: Engine[];
  /** Calls made, all storages together. */
  calls: number;
}

type Command = fc.AsyncCommand<Model, Real>;

/** A command that calls every engine alike and compares each answer with the model's. */
function command<A>(text: string, call: (engine: Engine) => Promise<A>, expected: (model: Model) => (answer: A) => boolean): Command {
  return {
    toString: () => text,
    check: () => true,
    async run(model, real) {
      const right = expected(model);
      const answers = await Promise.all(real.engines.map(call));
      real.calls += answers.length;
      for (const [i, answer] of answers.entries()) {
        if (!right(answer)) throw new Error(`${real.subjects[i].name}: ${text} answered ${JSON.stringify(answer)}`);
      }
    },
  };
}

const ids: fc.Arbitrary<Id> = fc.oneof(fc.integer({ min: 0, max: 15 }), fc.constantFrom("a", "b", "ü", "7", "{x}:*"));
const vectors = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: DIM, maxLength: DIM });
const data = fc.option(fc.oneof(fc.integer(), fc.string({ maxLength: 8 }), fc.constant({ a: [null, { __proto: 1 }] })), { nil: undefined });
const items = fc.record({ id: ids, vector: vectors, data });

const stores: readonly fc.Arbitrary<Command>[] = [
  items.map(({ id, vector, data: own }) =>
    command(
      `store ${JSON.stringify(id)}`,
      (engine) => engine.storeVector(vector, own === undefined ? { id } : { id, data: own }),
      (model) => {
        model.held.set(id, { vector, data: own });
        return (answer) => answer === id;
      },
    ),
  ),
  fc.array(items, { minLength: 1, maxLength: 12 }).map((list) =>
    command(
      `store ${JSON.stringify(list.map(({ id }) => id))}`,
      (engine) =>
        engine.storeManyVectors(
          list.map(({ vector }) => vector),
          { ids: list.map(({ id }) => id), data: list.map((item) => item.data) },
        ),
      (model) => {
        for (const { id, vector, data: own } of list) model.held.set(id, { vector, data: own });
        return (answer) =>
          same(
            answer,
            list.map(({ id }) => id),
          );
      },
    ),
  ),
];

const others: readonly fc.Arbitrary<Command>[] = [
  fc.array(ids, { minLength: 1, maxLength: 5 }).map((list) =>
    command(
      `remove ${JSON.stringify(list)}`,
      (engine) => engine.deleteMany(list),
      (model) => {
        const there = list.filter((id, i) => list.indexOf(id) === i && model.held.delete(id)).length;
        return (answer) => answer === there;
      },
    ),
  ),
  ids.map((id) =>
    command(
      `get ${JSON.stringify(id)}`,
      (engine) => engine.get(id),
      ({ held }) => {
        const item = held.get(id);
        return (answer) =>
          item === undefined
            ? answer === undefined
            : answer !== undefined && same([...answer.vector], item.vector) && same(answer.data, item.data);
      },
    ),
  ),
  fc.constant(
    command(
      "size",
      (engine) => engine.size(),
      ({ held }) =>
        (answer) =>
          answer === held.size,
    ),
  ),
  vectors.map((query) => neighbours(query)),
];

const rare: readonly fc.Arbitrary<Command>[] = [
  fc.constant(entries()),
  fc.constant(reopen()),
  fc.constant(
    command(
      "remove all",
      (engine) => engine.cleanAllBuckets(),
      ({ held }) => {
        held.clear();
        return () => true;
      },
    ),
  ),
];

/** Sequences of calls on few ids, so that the same ones meet again and again; opening anew and removing all are rarer. */
export const commands: fc.Arbitrary<Iterable<Command>> = fc.commands<Model, Real, false>(
  [...stores, ...others, ...stores, ...others, ...rare],
  {
    maxCommands: 200,
    size: "max",
  },
);

/** All storages propose the same candidates; each answer's distance is that of the vector the model has, ascending; what is stored finds itself at 0. */
function neighbours(query: readonly number[]): Command {
  return {
    toString: () => `neighbours of ${JSON.stringify(query)}`,
    check: () => true,
    async run({ held }, real) {
      const answers = await Promise.all(real.engines.map((engine) => engine.neighbours(query, { k: 5 })));
      real.calls += answers.length;
      const nearest = Math.min(...[...held.values()].map(({ vector }) => between(vector, query)));
      for (const [i, answer] of answers.entries()) {
        const wrong = answer.some(({ id, distance }) => Math.abs(distance - between(held.get(id)?.vector ?? [], query)) > 1e-9);
        const selfless = nearest === 0 && answer[0]?.distance !== 0;
        const other = distancesOf(answer) !== distancesOf(answers[0]);
        if (wrong || selfless || other)
          throw new Error(
            `${real.subjects[i].name}: neighbours of ${JSON.stringify(query)} are ${JSON.stringify(answer)}, in ${real.subjects[0].name} ${JSON.stringify(answers[0])}`,
          );
      }
    },
  };
}

function entries(): Command {
  return command(
    "entries",
    async (engine) => {
      const list: [Id, number[], unknown][] = [];
      for await (const { id, vector, data: own } of engine.entries()) list.push([id, Array.from(vector), own]);
      return list;
    },
    ({ held }) =>
      (answer) =>
        answer.length === held.size &&
        answer.every(([id, vector, own]) => same(vector, held.get(id)?.vector) && same(own, held.get(id)?.data)),
  );
}

function reopen(): Command {
  return {
    toString: () => "reopen",
    check: () => true,
    async run(_, real) {
      real.engines = await Promise.all(real.engines.map((engine, i) => real.subjects[i].reopen(engine, real.run)));
      real.calls += real.engines.length;
    },
  };
}

function distancesOf(neighbours: readonly Neighbour<unknown>[]): string {
  return neighbours.map(({ distance }) => distance.toFixed(9)).join();
}

function between(a: readonly number[], b: readonly number[]): number {
  return Math.sqrt(b.reduce((sum, value, i) => sum + (value - (a[i] ?? Number.NaN)) ** 2, 0));
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
