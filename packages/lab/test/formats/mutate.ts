/** The damages that the readers of nearts are tested with. */
export { Dice, mutate } from "../../../nearts/test/readers/mutate.js";
