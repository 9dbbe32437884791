import type { LeftOut } from './project.ts';
import { at, tell } from './tell.ts';
import type { Disagreement } from './validate-fault.ts';
import type { ValidatedFault, ValidationReport } from './validate-trace.ts';

/** More ways on than a person reads; the JSON document has all. */
const MOST_OFFERS = 12;

const chain = (backtrace: readonly string[] | undefined): string =>
  backtrace === undefined || backtrace.length === 0 ? '' : `\n        in ${backtrace.join(' < ')}`;

function disagreement({ agreed, kernel, odd, offered, mayEnd }: Disagreement): readonly string[] {
  const did =
    kernel === undefined
      ? (odd ?? 'the fault ends')
      : `${tell(kernel)}, ${at(kernel.where)}${odd === undefined ? '' : `: ${odd}`}${chain(kernel.backtrace)}`;
  const ways = offered.slice(0, MOST_OFFERS).map(({ event, backtrace }) => `      ${tell(event)}${chain(backtrace)}`);
  return [
    `    last agreed step: ${agreed === undefined ? 'none' : `${tell(agreed)}, ${at(agreed.where)}`}`,
    `    the kernel then: ${did}`,
    `    the model offers:${mayEnd ? ' the end of the fault' : offered.length === 0 ? ' nothing' : ''}`,
    ...ways,
    ...(offered.length > MOST_OFFERS ? [`      … and ${offered.length - MOST_OFFERS} more`] : []),
  ];
}

function faultLines(fault: ValidatedFault): readonly string[] {
  const { fs, kind, task, where } = fault;
  const what = `${fault.verdict}: ${fs === undefined ? '' : `${fs} `}${kind}, task ${task}, ${at(where)}`;
  switch (fault.verdict) {
    case 'notrun':
      return [`${what}: ${fault.reason}`];
    case 'accepted':
      return [`${what}: ${fault.compared} steps of ${modelOf(fault)}`];
    default:
      return [
        `${what}: after ${fault.compared} steps of ${modelOf(fault)}`,
        ...(fault.disagreement === undefined ? [] : disagreement(fault.disagreement)),
      ];
  }
}

/** The model, and for what kernel it stands where that is another one. */
const modelOf = ({ model, insteadOf }: { readonly model: string; readonly insteadOf?: string }): string =>
  insteadOf === undefined ? model : `${model}; the kernel is ${insteadOf}`;

/** What was left out, over all faults of a recording. */
function leftOut(faults: readonly ValidatedFault[]): readonly LeftOut[] {
  const rows = new Map<string, LeftOut>();
  for (const fault of faults) {
    if (fault.verdict === 'notrun') continue;
    for (const row of fault.leftOut) {
      const known = rows.get(row.what);
      rows.set(row.what, { ...row, count: row.count + (known?.count ?? 0) });
    }
  }
  return [...rows.values()];
}

/** The verdicts on one recording for people; a refused fault with both sides. */
export function renderValidation({ faults, recording, unlooked }: ValidationReport): string {
  const rows = leftOut(faults);
  return [
    ...faults.flatMap(faultLines),
    ...(rows.length === 0 ? [] : ['left out of the comparison:']),
    ...rows.map(({ what, count, because }) => `  ${count} ${what}: ${because}`),
    ...(unlooked === 0 ? [] : [`${unlooked} more faults were not looked at`]),
    `${recording.file}: ${count(faults, 'accepted')} accepted, ${count(faults, 'refused')} refused, ${count(faults, 'notrun')} notrun; kernel ${recording.kernel.release} (${recording.kernel.because})`,
  ].join('\n');
}

const count = (faults: readonly ValidatedFault[], verdict: ValidatedFault['verdict']): number =>
  faults.filter((fault) => fault.verdict === verdict).length;
