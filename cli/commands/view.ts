import type { View } from '../events.ts';
import type { Output } from '../output.ts';
import type { Ends } from '../plan-text.ts';
import { noProgress, ProgressBar, ProgressLines, type ProgressView } from '../progress-view.ts';
import type { Settings } from '../settings.ts';
import { JsonView, LogView, TextView, together } from '../views.ts';

/** How a command shows what happens: as the flags say, and as the terminal can. */
export function viewOf(settings: Settings, output: Output, ends?: Ends): View {
  const main = settings.isJson
    ? new JsonView(output, settings.hasProgress)
    : new TextView(output, progressOf(settings, output), ends);
  return settings.logFile === undefined ? main : together([main, new LogView(settings.logFile)]);
}

function progressOf({ hasProgress }: Settings, output: Output): ProgressView {
  if (!hasProgress) return noProgress;
  return output.isTerminal ? new ProgressBar(output) : new ProgressLines(output);
}
