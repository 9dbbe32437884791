export { adapters } from './adapters.ts';
export { expectations } from './expectations.ts';
