/**
 * What a report does in the reader's browser: tables that sort, and points that say what they are on hover, touch and by arrow keys. It is put into the
 * page as its own text, so it may refer to nothing outside itself.
 */
export function pageScript(): void {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.id = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.append(tip);
  let marked: Element[] = [];

  const hide = () => {
    tip.hidden = true;
    for (const element of marked) element.classList.remove("on");
    marked = [];
  };
  const show = (point: Element) => {
    hide();
    const row = document.getElementById(`r${point.getAttribute("data-n")}`);
    if (row === null) return;
    marked = [point, row];
    for (const element of marked) element.classList.add("on");
    tip.textContent = row.getAttribute("data-tip");
    tip.hidden = false;
    const at = point.getBoundingClientRect();
    const [width, height] = [tip.offsetWidth, tip.offsetHeight];
    const left = Math.min(Math.max(8, at.left + at.width / 2 - width / 2), document.documentElement.clientWidth - width - 8);
    const above = at.top - height - 10;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${(above < 0 ? at.bottom + 10 : above) + scrollY}px`;
  };

  for (const event of ["pointerover", "click"]) {
    document.addEventListener(event, ({ target }) => {
      const point = target instanceof Element ? target.closest("[data-n]") : null;
      if (point === null) hide();
      else show(point);
    });
  }
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") hide();
  });

  for (const figure of document.querySelectorAll<SVGElement>("svg[tabindex]")) {
    // From left to right, whatever order they were drawn in.
    const points = Array.from(figure.querySelectorAll("[data-n]"));
    points.sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left);
    let at = -1;
    figure.addEventListener("blur", hide);
    figure.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const jump = { Home: 0, End: points.length - 1 }[event.key];
      if (points.length === 0 || (step === undefined && jump === undefined)) return;
      event.preventDefault();
      at = jump ?? (at + (step ?? 0) + points.length + (at < 0 && step === -1 ? 1 : 0)) % points.length;
      show(points[at]);
    });
  }

  for (const table of document.querySelectorAll("table")) {
    const heads = Array.from(table.querySelectorAll("th"));
    for (const [column, head] of heads.entries()) {
      head.querySelector("button")?.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const value = (row: HTMLTableRowElement) => row.cells[column].dataset["v"];
        const rows = Array.from(body.rows).sort((a, b) => {
          const [x, y] = [value(a), value(b)];
          // Where there is nothing stands last, whichever way.
          if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
          const order = Number(x) - Number(y) || x.localeCompare(y, undefined, { numeric: true });
          return down ? -order : order;
        });
        body.append(...rows);
      });
    }
  }
}
