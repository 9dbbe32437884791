export { badgeMessage, toBadge } from './badge.ts';
export {
  compareNames,
  comparePolicies,
  exitCodeOf,
  explainCell,
  makeDocument,
  type Outcome,
  outcomeOf,
  summarize,
} from './build.ts';
export { conformanceSchema } from './conformance-schema.ts';
export {
  type Bounds,
  type CaseResult,
  type CellName,
  type CellWitness,
  type ConformanceDocument,
  cellKey,
  documentSchemaId,
  type Level,
  rulePage,
  type ShardFact,
  type Summary,
  type Verdict,
  verdicts,
} from './document.ts';
export { ReportError, type ReportErrorCode } from './errors.ts';
export { toGitHub } from './github.ts';
export { cycleToDot, cycleToMermaid } from './graph.ts';
export { type HtmlOptions, toHtml } from './html.ts';
export { parseDocument, toJson } from './json.ts';
export { firstMismatch, type JsonSchema } from './json-schema.ts';
export { toJUnit } from './junit.ts';
export { hang, padEnd, padStart, textWidth, wrap } from './layout.ts';
export { mergeDocuments, witnessesIn } from './merge.ts';
export { type SarifOptions, toSarif } from './sarif.ts';
export { type Paint, paint, plainStyle, type StreamFacts, type TerminalStyle, terminalStyle } from './style.ts';
export { toTap } from './tap.ts';
export { renderConformance } from './terminal.ts';
export { renderCycle, renderFinding, wherePhrase } from './terminal-finding.ts';
export { renderSummary, renderTable } from './terminal-table.ts';
export { renderWitness } from './terminal-witness.ts';
export { plainLines, plainText, plural, safeJson, thousands } from './text.ts';
export { lockPhrase, tellFinding, type WaitEdge, type Witness, type WitnessStep, waitEdges } from './witness.ts';
export { beginWhole, type WholeFile, writeWhole } from './write.ts';
