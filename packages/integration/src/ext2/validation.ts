import type { ValidationVocabulary } from '@faultpath/lockdep';

/** How recordings of ext2 are compared with its model: without a journal the core's rows are all that is left out. */
export const ext2Validation: ValidationVocabulary = { name: 'ext2', fs: 'ext2', away: [], unseen: [] };
