import { ext4TraceVocabulary } from '@faultpath/ext4';
import type { TraceVocabulary } from '@faultpath/lockdep';
import { xfsTraceVocabulary } from '@faultpath/xfs';

/** How recordings of the bundled filesystems are read, in the order of the tables. */
export const traceVocabularies: readonly TraceVocabulary[] = [ext4TraceVocabulary, xfsTraceVocabulary];
