export { iomap_iter, iomap_iter_end } from './iomap-iter.ts';
export { iomap_page_mkwrite } from './page-mkwrite.ts';
