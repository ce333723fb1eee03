import { asDense, asSparse } from "../../core/convert.js";
import { expectClose, expectSame, expectThat } from "../assert.js";
import type { Law } from "../laws.js";
import { type DistanceSubject, forEachPair, near, sample, vectorsOf } from "./subject.js";

/** What the distance of two vectors promises. */
export const numberLaws: readonly Law<DistanceSubject>[] = [
  { name: "it says what it is: name, kinds, and toRank where it has a metric", check: introduces },
  { name: "distances are finite numbers", check: finite },
  { name: "identical vectors are at 0 exactly", check: identical },
  { name: "no distance is negative", check: notNegative },
  { name: "the distance is the same in both directions", check: symmetric },
  {
    name: "dense, sparse and mixed pairs are at the same distance",
    applies: ({ kind, create }) => kind === "dense" && create().kinds.includes("sparse"),
    check: mixed,
  },
  { name: "the triangle inequality holds", applies: ({ triangle }) => triangle, check: triangular },
  { name: "vectors are only read", check: readsOnly },
];

function introduces({ create, kind }: DistanceSubject): void {
  const distance = create();
  expectThat(typeof distance.name === "string" && distance.name !== "", "name", distance.name, "a text that is not empty");
  expectThat(distance.kinds.includes(kind), "kinds", distance.kinds.join(), kind);
  if (distance.metric !== undefined) expectSame(typeof distance.toRank, "function", "toRank, which its metric needs");
}

function finite(subject: DistanceSubject): void {
  eachDistance(subject, (d, i, j) => expectThat(Number.isFinite(d), `distance of vectors ${i} and ${j}`, d, "a finite number"));
}

function identical(subject: DistanceSubject): void {
  const distance = subject.create();
  const vectors = vectorsOf(sample(subject));
  vectors.forEach((vector, i) => {
    expectSame(distance.between(vector, vector), 0, `distance of vector ${i} to itself`);
    expectSame(distance.between(vector, structuredClone(vector)), 0, `distance of vector ${i} to its copy`);
  });
}

function notNegative(subject: DistanceSubject): void {
  eachDistance(subject, (d, i, j) => expectThat(d >= 0 && !Object.is(d, -0), `distance of vectors ${i} and ${j}`, d, "at least 0"));
}

function symmetric(subject: DistanceSubject): void {
  const distance = subject.create();
  const vectors = vectorsOf(sample(subject));
  eachDistance(subject, (d, i, j) =>
    expectClose(distance.between(vectors[j], vectors[i]), d, near(d), `distance of vectors ${j} and ${i}`),
  );
}

function mixed(subject: DistanceSubject): void {
  const distance = subject.create();
  const rows = sample(subject);
  const [dense, sparse] = [vectorsOf(asDense(rows)), vectorsOf(asSparse(rows))];
  eachDistance(subject, (d, i, j) => {
    expectClose(distance.between(sparse[i], sparse[j]), d, near(d), `distance of the sparse vectors ${i} and ${j}`);
    expectClose(distance.between(dense[i], sparse[j]), d, near(d), `distance of the dense vector ${i} and the sparse vector ${j}`);
    expectClose(distance.between(sparse[i], dense[j]), d, near(d), `distance of the sparse vector ${i} and the dense vector ${j}`);
  });
}

function triangular(subject: DistanceSubject): void {
  const distance = subject.create();
  const vectors = vectorsOf(sample(subject, 24));
  forEachPair(vectors.length, (i, j) => {
    const direct = distance.between(vectors[i], vectors[j]);
    vectors.forEach((by, k) => {
      const round = distance.between(vectors[i], by) + distance.between(by, vectors[j]);
      expectThat(direct <= round + near(round), `distance of vectors ${i} and ${j}`, direct, `at most ${round}, the way by vector ${k}`);
    });
  });
}

function readsOnly(subject: DistanceSubject): void {
  const [x, y] = vectorsOf(sample(subject, 2));
  const before = structuredClone([x, y]);
  subject.create().between(x, y);
  expectSame([x, y], before, "two vectors after they were measured");
}

function eachDistance(subject: DistanceSubject, each: (distance: number, i: number, j: number) => void): void {
  const distance = subject.create();
  const vectors = vectorsOf(sample(subject));
  forEachPair(vectors.length, (i, j) => each(distance.between(vectors[i], vectors[j]), i, j));
}
