export { iomap_iter, iomap_iter_end } from './iomap-iter.ts';
