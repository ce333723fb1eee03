import type { Id } from "../core/contracts.js";
import type { Scalar } from "../core/predicates.js";

/**
 * Which vectors a query may find, by their data: an object of conditions, all of which must hold, or a function.
 *
 * A key is one of the data, with dots into nested objects: `{ brand: "acme", "size.width": { lt: 10 } }`. A plain value means equality, null that the
 * value is absent or null. `and`, `or` and `not` combine objects; `{}` and `and: []` leave everything in, `or: []` nothing. Nothing is converted:
 * a condition on text does not hold for a number, nor for an absent value (`ne`, `notIn` and `not` then do). Keys that the engine's `fields` declare
 * are found by bitmaps; for others, and for a function, the data of candidates are read. The meaning is the same either way.
 */
export type Where<Data = unknown> = WhereObject<Data> | ((data: Data | undefined, id: Id) => boolean);

/** Conditions by key. Keys of a known `Data` take what fits the type of their value. */
export type WhereObject<Data = unknown> = IsOpen<Data> extends true ? OpenWhere : TypedWhere<Data>;

/** Conditions on data of which nothing is known. */
export interface OpenWhere {
  readonly and?: readonly OpenWhere[];
  readonly or?: readonly OpenWhere[];
  readonly not?: OpenWhere;
  readonly [key: string]: AnyCondition | readonly OpenWhere[] | OpenWhere | undefined;
}

type TypedWhere<Data> = Combined<Data> & {
  readonly [K in Exclude<KeyOf<Data>, keyof Combined<Data>>]?: ConditionOn<ValueAt<Data, K>>;
} & { readonly [path: `${string}.${string}`]: AnyCondition };

interface Combined<Data> {
  readonly and?: readonly WhereObject<Data>[];
  readonly or?: readonly WhereObject<Data>[];
  readonly not?: WhereObject<Data>;
}

/** A condition on a value of type `V`. */
export type ConditionOn<V> = unknown extends V ? AnyCondition : ScalarOf<V> | null | Operators<V>;

/** A condition on a value of any type. */
export type AnyCondition = Scalar | null | Operators<Scalar | readonly Scalar[]>;

type Operators<V> = Equality<V> & Order<V> & Membership<V> & { readonly exists?: boolean };

interface Equality<V> {
  /** The same value; null for none. */
  readonly eq?: ScalarOf<V> | null;
  /** Not that; so an absent value is. */
  readonly ne?: ScalarOf<V> | null;
  /** One of these; null among them for none. */
  readonly in?: readonly (ScalarOf<V> | null)[];
  /** None of these. */
  readonly notIn?: readonly (ScalarOf<V> | null)[];
}

/** Order of numbers, and of texts by UTF-16 code units (which sorts ISO dates rightly). */
type Order<V> = [Extract<ScalarOf<V>, number | string>] extends [never]
  ? unknown
  : {
      readonly gt?: Extract<ScalarOf<V>, number | string>;
      readonly gte?: Extract<ScalarOf<V>, number | string>;
      readonly lt?: Extract<ScalarOf<V>, number | string>;
      readonly lte?: Extract<ScalarOf<V>, number | string>;
    };

/** What lists contain. */
type Membership<V> = [ItemOf<V>] extends [never]
  ? unknown
  : { readonly has?: ItemOf<V>; readonly hasAny?: readonly ItemOf<V>[]; readonly hasAll?: readonly ItemOf<V>[] };

type ScalarOf<V> = Extract<V, Scalar>;
type ItemOf<V> = V extends readonly (infer Item)[] ? (unknown extends Item ? Scalar : Extract<Item, Scalar>) : never;
type IsOpen<Data> = unknown extends Data ? true : string extends KeyOf<Data> ? true : false;
/** Keys of any member of a union; none of data that are no objects. */
type KeyOf<Data> = Data extends readonly unknown[] | Scalar | null | undefined ? never : Data extends unknown ? keyof Data & string : never;
type ValueAt<Data, K extends PropertyKey> = Data extends unknown ? (K extends keyof Data ? Data[K] : never) : never;
