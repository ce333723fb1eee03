import { NearError, show } from "./core/errors.js";
import { refuseUnknown, requireOptions } from "./engine/guards.js";

/** What {@link shingles} makes of a text: exactly one of `words`, `characters` and `code`, and how the text is prepared. */
export interface ShingleOptions {
  /** Runs of so many words: `\p{L}\p{M}\p{N}`, with apostrophes inside; everything between them is left out. */
  readonly words?: number;
  /** Runs of so many characters as readers see them (grapheme clusters), white space as one space. */
  readonly characters?: number;
  /** Runs of so many tokens of a program: names, numbers, texts in quotes and single signs; comments and layout are left out. */
  readonly code?: number;
  /** "NFC" (the default: what looks the same is the same), "NFKC" (forms of one letter too, such as ﬁ and ２), or false: code units as they are. */
  readonly normalise?: "NFC" | "NFKC" | false;
  /** Whether letters differ by case; false when not given for words and characters, true for code. */
  readonly caseSensitive?: boolean;
  /** Language for the borders of characters and lower case (BCP 47), where it matters; none in particular when not given. */
  readonly locale?: string;
}

const optionNames = ["words", "characters", "code", "normalise", "caseSensitive", "locale"];
const mostParts = 1000;

/**
 * The shingles of a text (Broder 1997, "On the resemblance and containment of documents"): all runs of so many words, characters or code tokens, each once, as
 * texts for an engine of sets. A text shorter than one shingle has one, itself; one without any words, characters or tokens has none. NULs and lone surrogates
 * are characters like others, and words are split at them. E_BAD_OPTION for bad options, E_BAD_VECTOR for what is no text.
 */
export function shingles(text: string, options: ShingleOptions): string[] {
  if (typeof text !== "string") throw new NearError("E_BAD_VECTOR", `text is ${show(text)}; give a string`, { type: typeof text });
  requireOptions(options, "shingles");
  refuseUnknown(options, optionNames, "shingles");
  const { normalise = "NFC", locale } = options;
  if (normalise !== false && normalise !== "NFC" && normalise !== "NFKC") {
    throw new NearError("E_BAD_OPTION", `normalise is ${show(normalise)}; give "NFC", "NFKC" or false`, { normalise });
  }
  const { kind, size } = kindOf(options);
  const sensitive = options.caseSensitive ?? kind === "code";
  const formed = normalise === false ? text : text.normalize(normalise);
  const cased = sensitive ? formed : lower(formed, locale);
  const separator = kind === "characters" ? "" : " ";
  return runs(partsOf(cased, kind, locale), size, separator);
}

type Kind = "words" | "characters" | "code";

function kindOf(options: ShingleOptions): { readonly kind: Kind; readonly size: number } {
  const given = (["words", "characters", "code"] as const).filter((kind) => options[kind] !== undefined);
  const [kind] = given;
  if (given.length !== 1) {
    const got = given.length === 0 ? "none" : given.join(" and ");
    throw new NearError("E_BAD_OPTION", `of words, characters and code there is ${got}; give one, such as { words: 3 }`, { given });
  }
  const size = options[kind];
  if (!Number.isInteger(size) || (size as number) < 1 || (size as number) > mostParts) {
    throw new NearError("E_BAD_OPTION", `${kind} is ${show(size)}; give an integer from 1 to ${mostParts}`, { option: kind, got: size });
  }
  return { kind, size: size as number }; // an integer, as was just seen
}

function lower(text: string, locale: string | undefined): string {
  if (locale === undefined) return text.toLowerCase();
  try {
    return text.toLocaleLowerCase(locale);
  } catch (cause) {
    throw new NearError("E_BAD_OPTION", `locale is ${show(locale)}; give a language tag, such as "de" or "tr"`, { locale }, { cause });
  }
}

/** A word: letters, marks and digits, with apostrophes and right single quotes between them. */
const word = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu;
/** Comments as in C, and those of scripts, whose sign has white space on both sides; then texts in quotes, names, numbers, and any other sign. */
const token =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|(?<=^|\s)#[\s!][^\n]*|(?<part>"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?|`(?:[^`\\]|\\[\s\S])*`?|[\p{L}_$][\p{L}\p{M}\p{N}_$]*|\p{N}[\p{L}\p{N}_.]*|[^\s])/gu;

function partsOf(text: string, kind: Kind, locale: string | undefined): readonly string[] {
  if (kind === "words") return text.match(word) ?? [];
  if (kind === "code") return Array.from(text.matchAll(token), ({ groups }) => groups?.["part"]).filter((part) => part !== undefined);
  return charactersOf(text.replace(/\s+/gu, " ").trim(), locale);
}

/** Grapheme clusters; of texts of ASCII, where each unit is one, without asking. */
function charactersOf(text: string, locale: string | undefined): readonly string[] {
  if (isAscii(text)) return text.split("");
  return Array.from(segmenterOf(locale).segment(text), ({ segment }) => segment);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

const segmenters = new Map<string | undefined, Intl.Segmenter>();

function segmenterOf(locale: string | undefined): Intl.Segmenter {
  const known = segmenters.get(locale) ?? new Intl.Segmenter(locale, { granularity: "grapheme" });
  segmenters.set(locale, known);
  return known;
}

/** All runs of `size` parts, each once, in the order of their first appearance; all parts in one where they are fewer. */
function runs(parts: readonly string[], size: number, separator: string): string[] {
  if (parts.length === 0) return [];
  if (parts.length <= size) return [parts.join(separator)];
  const found = new Set<string>();
  for (let i = 0; i + size <= parts.length; i++) found.add(parts.slice(i, i + size).join(separator));
  return [...found];
}
