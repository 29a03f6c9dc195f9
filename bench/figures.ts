/** A measured figure and its limit. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The benchmark fails when the value exceeds this. @default none */
  readonly limit?: number;
  /** A value to aim for. Missing it does not fail the benchmark. @default none */
  readonly aim?: number;
}

const format = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : 0 });

function formatLimit({ value, limit, aim }: Figure): string {
  if (limit !== undefined) return `at most ${format(limit)}${value > limit ? '   EXCEEDED' : ''}`;
  if (aim !== undefined) return `aim ${format(aim)}${value > aim ? '   missed' : ''}`;
  return '';
}

/** Whether a figure exceeds its limit. An aim does not count. */
export const exceedsLimit = ({ value, limit }: Figure): boolean => limit !== undefined && value > limit;

/** Formats a figure as a line of a table. */
export const formatFigure = (figure: Figure): string =>
  `  ${figure.name.padEnd(44)} ${`${format(figure.value)} ${figure.unit}`.trim().padStart(14)}   ${formatLimit(figure)}`.trimEnd();
