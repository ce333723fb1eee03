import type { SweepProgress } from "nearts-lab";
import { Progress } from "../terminal/progress.js";

/** Shows how far each step of a sweep has come, one after the other. */
export class StepProgress {
  #step = "";
  #progress: Progress | undefined;

  update({ step, done, total, unit }: SweepProgress): void {
    if (step !== this.#step) {
      this.end();
      this.#step = step;
      this.#progress = new Progress({ label: step, unit, ...(total === undefined ? {} : { total }) });
    }
    this.#progress?.update(done);
  }

  end(): void {
    this.#progress?.end();
    this.#progress = undefined;
  }
}
