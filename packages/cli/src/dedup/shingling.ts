import { InvalidArgumentError } from "commander";
import type { ShingleOptions } from "nearts";

/** How texts become sets, with a name for people. */
export interface Shingling {
  readonly name: string;
  readonly options: ShingleOptions;
}

const kinds = { words: "words", chars: "characters", code: "code" } as const;
const most = 1000;

/** Reads `words:3`, `chars:9` or `code:5`. */
export function toShingling(text: string): Shingling {
  const [kind, size, ...more] = text.split(":");
  const count = Number(size);
  if (Object.hasOwn(kinds, kind) && /^\d+$/.test(size ?? "") && count >= 1 && count <= most && more.length === 0) {
    return { name: text, options: { [kinds[kind as keyof typeof kinds]]: count } }; // its own key, as was just seen
  }
  throw new InvalidArgumentError(`Expected words:3, chars:9 or code:5, with a number from 1 to ${most}.`);
}
