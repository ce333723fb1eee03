/** One system's measured points. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly recall: number; readonly qps: number }[];
}

const [width, height, left, bottom, top, right] = [760, 480, 70, 50, 40, 170];
const colours = ["#4477aa", "#ee6677", "#228833", "#aa3377", "#66ccee", "#ccbb44"];

/** A recall–queries/s plot as SVG, both axes so that differences at high recall can be seen: 1 − recall and queries/s on log scales. */
export function frontierPlot(title: string, series: readonly Series[]): string {
  const rates = series.flatMap(({ points }) => points.map(({ qps }) => qps));
  const [low, high] = [Math.floor(Math.log10(Math.min(...rates))), Math.ceil(Math.log10(Math.max(...rates)))];
  const x = (recall: number) => left + (-Math.log10(Math.max(1 - recall, 1e-3)) / 3) * (width - left - right);
  const y = (qps: number) => height - bottom - ((Math.log10(qps) - low) / (high - low)) * (height - bottom - top);
  const grid = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999].map(
    (recall) => line(x(recall), top, x(recall), height - bottom) + text(x(recall), height - bottom + 18, String(recall), "middle"),
  );
  for (let power = low; power <= high; power++)
    grid.push(
      line(left, y(10 ** power), width - right, y(10 ** power)) +
        text(left - 8, y(10 ** power) + 4, (10 ** power).toLocaleString("en-US"), "end"),
    );
  const curves = series.map(({ name, points }, s) => {
    const sorted = [...points].sort((a, b) => a.recall - b.recall);
    const path = sorted.map(({ recall, qps }, i) => `${i === 0 ? "M" : "L"}${x(recall).toFixed(1)} ${y(qps).toFixed(1)}`).join("");
    const dots = sorted.map(
      ({ recall, qps }) =>
        `<circle cx="${x(recall).toFixed(1)}" cy="${y(qps).toFixed(1)}" r="3" fill="${colours[s]}"><title>${name}: recall ${recall.toFixed(4)}, ${Math.round(qps)} queries/s</title></circle>`,
    );
    const label = `<circle cx="${width - right + 20}" cy="${top + 12 + s * 22}" r="5" fill="${colours[s]}"/>${text(width - right + 32, top + 16 + s * 22, name, "start")}`;
    return `<path d="${path}" fill="none" stroke="${colours[s]}" stroke-width="2"/>${dots.join("")}${label}`;
  });
  const axes =
    text((left + width - right) / 2, height - 10, "recall", "middle") + text(left, 22, `${title}: queries/s, one thread`, "start");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13"><rect width="${width}" height="${height}" fill="white"/>${grid.join("")}${curves.join("")}${axes}</svg>\n`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="#ddd"/>`;
}

function text(x: number, y: number, words: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="#333">${words}</text>`;
}
