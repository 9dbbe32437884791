import { defineFilesystem } from '@faultpath/mm';
import { tiny } from './tinyfs.ts';

// Built into a file of its own, with its own copy of every package.
export const handWritten = tiny;
export const defined = defineFilesystem({ ...tiny, name: 'defined' });
export const nextMajor = { ...tiny, name: 'later', interfaceVersion: 2 };
