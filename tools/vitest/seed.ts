import { configureGlobal } from 'fast-check';

/**
 * Random tests try the same values everywhere, so that a failure is the change's and not the day's. Another seed is one
 * variable away: FAULTPATH_SEED=7 npm test.
 */
configureGlobal({ seed: Number(process.env['FAULTPATH_SEED'] ?? 20_161_217) });
