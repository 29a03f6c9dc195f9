/** A figure that was measured, and what it is held to. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Broken above this: the bench fails. @default none */
  readonly limit?: number;
  /** Wished for, and only printed. @default none */
  readonly aim?: number;
}

const shown = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : 0 });

function held({ value, limit, aim }: Figure): string {
  if (limit !== undefined) return `at most ${shown(limit)}${value > limit ? '   BROKEN' : ''}`;
  if (aim !== undefined) return `aim ${shown(aim)}${value > aim ? '   missed' : ''}`;
  return '';
}

/** Whether a limit is broken. An aim never is. */
export const isBroken = ({ value, limit }: Figure): boolean => limit !== undefined && value > limit;

/** A figure as a line of a table. */
export const figureText = (figure: Figure): string =>
  `  ${figure.name.padEnd(44)} ${`${shown(figure.value)} ${figure.unit}`.trim().padStart(14)}   ${held(figure)}`.trimEnd();
