import type { Break } from "./process/bundle.js";
import { failingDisk } from "./stages/failing-disk.js";
import { flippedBits } from "./stages/flipped-bits.js";
import { kills } from "./stages/kills.js";
import { powerCuts } from "./stages/power-cuts.js";
import { refusedWrites } from "./stages/refused-writes.js";
import type { StageMaker } from "./stages/stage.js";
import { unreplicated } from "./stages/unreplicated.js";

/** A promise that is broken on purpose, and the kind of fault that must bring it to light within so many trials. */
export interface Sabotage {
  readonly name: string;
  readonly breaks: readonly Break[];
  readonly stage: StageMaker;
  readonly trials: number;
}

const lmdb = (file: string): string => `storage/lmdb/${file}`;
const redis = (file: string): string => `storage/redis/${file}`;

/** Each is one change of the sources, made when the program of the test is bundled. */
export const SABOTAGES: readonly Sabotage[] = [
  {
    name: "LMDB does not sync",
    breaks: [{ file: lmdb("environment.ts"), from: "overlappingSync: false,", to: "overlappingSync: false, noSync: true," }],
    stage: powerCuts,
    trials: 20,
  },
  {
    name: "LMDB acknowledges before the commit",
    breaks: [
      { file: lmdb("environment.ts"), from: "    return done;\n", to: "    done.catch(() => {});\n    return Promise.resolve();\n" },
    ],
    stage: powerCuts,
    trials: 40,
  },
  {
    name: "LMDB writes rows and buckets in transactions of their own",
    breaks: [
      {
        file: lmdb("environment.ts"),
        from: "committing = this.#root.batch(() => {\n        for (const some of changes) some.write();\n      });",
        to: "committing = (async () => {\n        for (const some of changes) await this.#root.batch(() => some.write());\n      })();",
      },
    ],
    stage: powerCuts,
    trials: 40,
  },
  {
    name: "LMDB takes a failed commit for a good one",
    breaks: [
      {
        file: lmdb("environment.ts"),
        from: "      (error: unknown) => this.fail(error),\n    );\n    this.#settled",
        to: "      () => this.#committed(changes),\n    );\n    this.#settled",
      },
    ],
    stage: failingDisk,
    trials: 12,
  },
  {
    name: "LMDB does not compare checksums",
    breaks: [{ file: lmdb("records.ts"), from: "crc32(body, key % 2 ** 32) === crc", to: "crc === crc" }],
    stage: flippedBits,
    trials: 2,
  },
  {
    name: "LMDB leaves the bucket entries of removed vectors",
    breaks: [{ file: lmdb("stored-index.ts"), from: "      this.#hashes.remove(removed.rows);\n", to: "" }],
    stage: kills,
    trials: 10,
  },
  {
    name: "Redis: the number of replicas that WAIT says is ignored",
    breaks: [{ file: redis("calls.ts"), from: "if (count >= wanted) return outcome;", to: "if (count >= 0) return outcome;" }],
    stage: unreplicated,
    trials: 1,
  },
  {
    name: "Redis: errors of single commands of a pipeline are ignored",
    breaks: [
      {
        file: redis("writing.ts"),
        from: "const answers = answersOf(await shards.tryAll(scripts), parts, ids);",
        to: "const answers = (await shards.tryAll(scripts)).filter((one): one is Answer => !(one instanceof NearError));",
      },
    ],
    stage: refusedWrites,
    trials: 8,
  },
  {
    name: "Redis: the buckets keep records of removed vectors",
    breaks: [
      {
        file: redis("scripts/shard.ts"),
        from: "  releaseAll(call('GETRANGE', item, from, -1), pack('<I4', r * S + s))\n  call('UNLINK', item)",
        to: "  call('UNLINK', item)",
      },
    ],
    stage: refusedWrites,
    trials: 4,
  },
];
