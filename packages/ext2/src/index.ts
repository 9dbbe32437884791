export { ext2 } from './adapter.ts';
export { ext2SplatNames } from './splat-names.ts';
