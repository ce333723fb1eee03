import { helpLines, type Options, readOptions, type Values } from "./options.js";

/** One benchmark: what it measures, in a line, and how it runs with the arguments after its name. */
export interface Benchmark {
  readonly name: string;
  readonly about: string;
  run(args: readonly string[]): Promise<void>;
}

/** A benchmark that reads its options, or prints them for --help; `notes` say how it measures. */
export function benchmark<S extends Options>(
  { name, about, notes, options }: { readonly name: string; readonly about: string; readonly notes: string; readonly options: S },
  run: (values: Values<S>) => Promise<void>,
): Benchmark {
  return {
    name,
    about,
    run: async (args) => {
      if (args.includes("--help")) console.log(`npm run bench -- ${name} [options]\n\n${about}\n${notes}\n\n${helpLines(options)}`);
      else await run(readOptions(options, args));
    },
  };
}
