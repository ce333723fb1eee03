/** What the types of a `where` promise at the call site. Nothing here runs: `npm run check` compiles it, and each expected error must be one. */
import type { Where } from "../../src/engine/where-types.js";

interface Product {
  readonly brand: string;
  readonly kind: "book" | "map";
  readonly price?: number;
  readonly stock: number | null;
  readonly sold: boolean;
  readonly tags: readonly string[];
  readonly codes: (string | number)[];
  readonly either: string | number;
  readonly size: { readonly width: number };
  readonly anything: unknown;
}

declare function ask<Data = unknown>(where: Where<Data>): void;

export function keysTakeWhatFitsTheirValues(): void {
  ask<Product>({ brand: "acme", price: { gte: 10, lt: 20 }, stock: null, sold: true, tags: { has: "red" }, kind: "map" });
  ask<Product>({
    brand: { in: ["a", null], notIn: ["b"] },
    stock: { ne: 3, exists: true },
    either: { gt: "a" },
    codes: { hasAny: [7, "x"] },
  });
  ask<Product>({ and: [{ brand: "a" }], or: [{ price: 1 }, { not: { sold: false } }], "size.width": { gt: 1 }, size: { exists: true } });
  ask<Product>({ anything: { has: 1, gt: "a" }, kind: { in: ["book"] }, tags: { hasAll: [], exists: false } });
  ask<Product>((data, id) => data?.brand === "acme" && id !== 7);

  // @ts-expect-error a key that the data do not have
  ask<Product>({ brnd: "acme" });
  // @ts-expect-error text where the data have a number
  ask<Product>({ price: "12" });
  // @ts-expect-error a number where the data have text
  ask<Product>({ brand: { in: [1] } });
  // @ts-expect-error a text that this key never has
  ask<Product>({ kind: "globe" });
  // @ts-expect-error an order of booleans
  ask<Product>({ sold: { gt: false } });
  // @ts-expect-error an element of a value that is no list
  ask<Product>({ brand: { has: "a" } });
  // @ts-expect-error a number in a list of texts
  ask<Product>({ tags: { hasAny: [1] } });
  // @ts-expect-error a list is never equal to a value
  ask<Product>({ tags: "red" });
  // @ts-expect-error an operator that there is not
  ask<Product>({ price: { above: 1 } });
  // @ts-expect-error an object is compared by its parts
  ask<Product>({ size: { width: 1 } });
  // @ts-expect-error an undefined, most often a variable that should have had a value
  ask<Product>({ brand: undefined });
  // @ts-expect-error the same, inside
  ask<Product>({ or: [{ brnd: "acme" }] });
  // @ts-expect-error one object where several belong
  ask<Product>({ and: { brand: "acme" } });
  // @ts-expect-error a promise is no answer
  ask<Product>(async () => true);
}

export function alternativesHaveTheKeysOfAll(): void {
  type Item = { readonly kind: "book"; readonly pages: number } | { readonly kind: "film"; readonly minutes: number };
  ask<Item>({ kind: "film", minutes: { lt: 90 } });
  ask<Item>({ or: [{ pages: 7 }, { minutes: 7 }] });
  // @ts-expect-error a key that none has
  ask<Item>({ hours: 2 });
}

export function dataOfWhichNothingIsKnownTakeAnyKey(): void {
  ask({ brand: "acme", price: { gte: 10, lt: "z" }, tags: { has: 7 }, "a.b": null, or: [{ x: 1 }, { not: { y: true } }] });
  ask<Record<string, unknown>>({ brand: "acme", and: [{ price: { exists: true } }] });
  ask((data) => data !== undefined);
  // @ts-expect-error several values need an operator
  ask({ price: [1, 2] });
  // @ts-expect-error nothing can be asked of a date
  ask({ price: new Date(0) });
}
