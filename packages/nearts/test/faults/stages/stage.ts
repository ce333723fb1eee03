import type { Dice } from "../../readers/mutate.js";
import type { Verdict } from "../campaign.js";
import type { Bundle } from "../process/bundle.js";

/** One kind of fault, as it is tried on a program: the library as it is, or one that is wrong on purpose. */
export interface Trials extends AsyncDisposable {
  trial(number: number, dice: Dice): Promise<Verdict>;
}

/** Sets up a kind of fault; what it makes lies in `folder`, an empty one without links in its path. */
export type StageMaker<T extends Trials = Trials> = (bundle: Bundle, folder: string) => Promise<T>;
