import { test } from "vitest";
import { Random } from "../../src/core/random.js";
import { KMeansHash } from "../../src/index.js";
import { arbitraryRows, hashSuite } from "../../src/testing/index.js";

const dim = 24;
const training = arbitraryRows(new Random("training"), "dense", { count: 300, dim });

hashSuite({ test, hashClass: KMeansHash, create: () => new KMeansHash({ name: "lists", lists: 12, training }) });
hashSuite({
  test,
  title: "KMeansHash, cosine, two assignments",
  hashClass: KMeansHash,
  create: () => new KMeansHash({ name: "lists", lists: 7, distance: "cosine", assignments: 2, seed: "text", training }),
});
