/** Where in the plane a pointer is, whatever size the canvas is shown at. */
export function pointAt(canvas: HTMLCanvasElement, { clientX, clientY }: PointerEvent): readonly [x: number, y: number] {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return [(2 * (clientX - left)) / width - 1, 1 - (2 * (clientY - top)) / height];
}
