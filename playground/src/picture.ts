import { type Cells, GRID, probedCells } from "./cells.js";
import type { Points } from "./points.js";
import type { Answer } from "./scene.js";

/** What a frame shows. */
export interface Frame {
  readonly points: Points;
  readonly cells: Cells | null;
  readonly answer: Answer;
  readonly query: readonly [x: number, y: number];
}

interface Colours {
  readonly paper: string;
  readonly ink: string;
  readonly probed: string;
  readonly cell: string;
  readonly point: string;
  readonly candidate: string;
  readonly survivor: string;
  readonly found: string;
  readonly missed: string;
}

/** Draws frames on a canvas: cells and points, which seldom change, from copies; what the query did anew. */
export class Picture {
  readonly #context: CanvasRenderingContext2D;
  readonly #size: number;
  readonly #ground: HTMLCanvasElement;
  readonly #tint: HTMLCanvasElement;
  #drawn: { readonly points: Points; readonly cells: Cells | null; readonly colours: Colours } | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.#context = contextOf(canvas);
    this.#size = canvas.width;
    this.#ground = document.createElement("canvas");
    this.#ground.width = this.#ground.height = canvas.width;
    this.#tint = document.createElement("canvas");
    this.#tint.width = this.#tint.height = GRID;
  }

  /** Forgets colours: they are read anew with the next frame. */
  recolour(): void {
    this.#drawn = null;
  }

  draw({ points, cells, answer, query }: Frame): void {
    const { colours } = this.#keepGround(points, cells);
    const context = this.#context;
    context.fillStyle = colours.paper;
    context.fillRect(0, 0, this.#size, this.#size);
    if (cells !== null) this.#drawProbed(cells, answer, colours);
    context.drawImage(this.#ground, 0, 0);
    const coded = answer.survivors.length < answer.candidates.length;
    this.#drawSquares(points, answer.candidates, 3, colours.candidate);
    if (coded) this.#drawRings(points, answer.survivors, colours.survivor);
    for (const { id } of answer.found) this.#drawDisc(points, Number(id), colours.found, colours.paper);
    for (const { id } of answer.missed) this.#drawMissed(points, Number(id), colours);
    this.#drawQuery(query, colours);
  }

  /** Where a row is drawn. */
  #place(points: Points, row: number): [x: number, y: number] {
    return this.#at(points.values[2 * row], points.values[2 * row + 1]);
  }

  #at(x: number, y: number): [x: number, y: number] {
    return [((x + 1) / 2) * this.#size, ((1 - y) / 2) * this.#size];
  }

  #drawProbed(cells: Cells, answer: Answer, colours: Colours): void {
    const tint = contextOf(this.#tint);
    const probed = probedCells(cells, answer.probes);
    const image = tint.createImageData(GRID, GRID);
    for (let i = 0; i < GRID * GRID; i++) image.data[4 * i + 3] = probed[cells.of[i]] === 1 ? 255 : 0;
    tint.putImageData(image, 0, 0);
    // The image says where, the colour is laid over what it covers.
    tint.globalCompositeOperation = "source-in";
    tint.fillStyle = colours.probed;
    tint.fillRect(0, 0, GRID, GRID);
    tint.globalCompositeOperation = "source-over";
    this.#context.imageSmoothingEnabled = false;
    this.#context.drawImage(this.#tint, 0, 0, this.#size, this.#size);
  }

  #drawSquares(points: Points, rows: Uint32Array, side: number, colour: string): void {
    const context = this.#context;
    context.fillStyle = colour;
    for (const row of rows) {
      const [x, y] = this.#place(points, row);
      context.fillRect(x - side / 2, y - side / 2, side, side);
    }
  }

  #drawRings(points: Points, rows: Uint32Array, colour: string): void {
    const context = this.#context;
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    for (const row of rows) {
      const [x, y] = this.#place(points, row);
      context.strokeRect(x - 4, y - 4, 8, 8);
    }
  }

  #drawDisc(points: Points, row: number, colour: string, around: string): void {
    const context = this.#context;
    const [x, y] = this.#place(points, row);
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.fillStyle = colour;
    context.fill();
    context.strokeStyle = around;
    context.lineWidth = 1;
    context.stroke();
  }

  #drawMissed(points: Points, row: number, { missed }: Colours): void {
    const context = this.#context;
    const [x, y] = this.#place(points, row);
    context.beginPath();
    context.arc(x, y, 5, 0, 2 * Math.PI);
    context.strokeStyle = missed;
    context.lineWidth = 3;
    context.stroke();
  }

  #drawQuery([across, up]: readonly [number, number], { ink, paper }: Colours): void {
    const context = this.#context;
    const [x, y] = this.#at(across, up);
    for (const [colour, width] of [
      [paper, 5],
      [ink, 2],
    ] as const) {
      context.beginPath();
      context.moveTo(x - 11, y);
      context.lineTo(x + 11, y);
      context.moveTo(x, y - 11);
      context.lineTo(x, y + 11);
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke();
    }
  }

  /** The borders of the cells and all points, drawn once as long as they stay what they are. */
  #keepGround(points: Points, cells: Cells | null): { readonly colours: Colours } {
    if (this.#drawn?.points === points && this.#drawn.cells === cells) return this.#drawn;
    const colours = this.#drawn?.colours ?? coloursOf(this.#context.canvas);
    const ground = contextOf(this.#ground);
    ground.clearRect(0, 0, this.#size, this.#size);
    if (cells !== null) drawBorders(ground, cells, this.#size / GRID, colours.cell);
    ground.fillStyle = colours.point;
    for (let row = 0; row < points.count; row++) {
      const [x, y] = this.#place(points, row);
      ground.fillRect(x - 1, y - 1, 2, 2);
    }
    this.#drawn = { points, cells, colours };
    return this.#drawn;
  }
}

function drawBorders(context: CanvasRenderingContext2D, { of }: Cells, step: number, colour: string): void {
  context.fillStyle = colour;
  for (let y = 0; y < GRID; y++) {
    for (let x = 0; x < GRID; x++) {
      const cell = of[y * GRID + x];
      if (x + 1 < GRID && of[y * GRID + x + 1] !== cell) context.fillRect((x + 1) * step, y * step, 1, step + 1);
      if (y + 1 < GRID && of[(y + 1) * GRID + x] !== cell) context.fillRect(x * step, (y + 1) * step, step + 1, 1);
    }
  }
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("this browser draws on no canvas");
  return context;
}

/** The colours of the page, which differ between light and dark. */
function coloursOf(canvas: HTMLCanvasElement): Colours {
  // Only a property that takes a colour resolves light-dark(); a custom one is handed on as it is written.
  const probe = canvas.ownerDocument.createElement("i");
  canvas.ownerDocument.body.append(probe);
  const colour = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    paper: colour("paper"),
    ink: colour("ink"),
    probed: colour("probed"),
    cell: colour("cell"),
    point: colour("point"),
    candidate: colour("candidate"),
    survivor: colour("survivor"),
    found: colour("found"),
    missed: colour("missed"),
  };
  probe.remove();
  return colours;
}
