import { ext4Validation } from '@faultpath/ext4';
import type { ValidationVocabulary } from '@faultpath/lockdep';
import { coreValidation } from '@faultpath/mm';
import { xfsValidation } from '@faultpath/xfs';
import { ext2Validation } from './ext2/validation.ts';

/** How recordings are compared with the models: the core's rows, and those of each filesystem that has a model. */
export const traceValidations: readonly ValidationVocabulary[] = [
  coreValidation,
  ext4Validation,
  xfsValidation,
  ext2Validation,
];
