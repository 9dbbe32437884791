export { lockOrder as ext2LockOrder } from './lock-order.ts';
