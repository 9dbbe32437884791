#!/usr/bin/env node
// @ts-check
// usage: node ../../tools/pack/guide.mjs, from packages/create-faultpath-adapter
// Puts the guide into the package before it is packed: what a new adapter has to fill in points into it.
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../files.mjs';

mkdirSync('guide', { recursive: true });
copyFileSync(join(REPOSITORY, 'docs/write-an-adapter.md'), 'guide/write-an-adapter.txt');
