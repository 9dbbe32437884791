export { DatRecord } from './dat-record.ts';
export { TraceDatError, type TraceDatErrorCode } from './error.ts';
export { isTraceDat } from './header.ts';
export { type ReadTraceDatOptions, readTraceDat, type TraceDatSummary } from './read-trace-dat.ts';
