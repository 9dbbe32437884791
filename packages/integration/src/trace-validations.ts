import { ext2Validation } from '@faultpath/ext2';
import { ext4Validation } from '@faultpath/ext4';
import type { ValidationVocabulary } from '@faultpath/lockdep';
import { coreValidation } from '@faultpath/mm';
import { xfsValidation } from '@faultpath/xfs';

/** How recordings are compared with the models: the core's rows, and those of each filesystem that has a model. */
export const traceValidations: readonly ValidationVocabulary[] = [
  coreValidation,
  ext4Validation,
  xfsValidation,
  ext2Validation,
];
