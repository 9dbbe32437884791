export { ext2 } from './adapter.ts';
