// Holds the hash to every promise of the contract: node --test examples/02-own-hash.test.mjs
import { test } from "node:test";
import { hashSuite } from "nearts/testing";
import { WinnerTakeAll } from "./02-own-hash.mjs";

hashSuite({ test, hashClass: WinnerTakeAll, create: () => new WinnerTakeAll({ name: "wta", tables: 3, seed: 1 }) });
