/**
 * Colours that people with any kind of colour blindness can tell apart: Okabe and Ito 2008, without yellow, on white; the same, lighter, on dark.
 * Signs differ as well, so that no figure depends on colours.
 */
export const LIGHT = ["#0072b2", "#d55e00", "#007a5a", "#a8487f", "#8a6d00", "#3f8fc4", "#5d5d5d", "#7a3e9d"] as const;
export const DARK = ["#62b6f0", "#ff9a57", "#3cc9a0", "#f0a3cf", "#e6b93c", "#a5d8f7", "#b8bec6", "#c9a2ea"] as const;

const SIGNS = ["circle", "square", "triangle", "diamond", "star", "cross", "wye"] as const;

/** Scales of Plot for these series: colours by custom properties (`--c0` …), which the page defines for light and dark. */
export function scalesOf(series: readonly string[]): {
  readonly color: { readonly domain: string[]; readonly range: string[] };
  readonly symbol: { readonly domain: string[]; readonly range: (typeof SIGNS)[number][] };
} {
  const domain = [...series];
  return {
    color: { domain, range: domain.map((_, i) => `var(--c${i % LIGHT.length})`) },
    // 8 colours and 7 signs: 56 series before a pair comes again.
    symbol: { domain, range: domain.map((_, i) => SIGNS[i % SIGNS.length]) },
  };
}
