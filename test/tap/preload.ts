/**
 * What every test process loads first (.taprc, node-arg): the plain domain instead of tap's, and
 * Node's cache of compiled modules, shared by all test processes and by the ones that they start.
 * The cache is kept by the content of each file, so that nothing in it can be out of date.
 */
import { enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';

const CACHE = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'compiled-modules');
const DOMAIN = new URL('plain-domain.ts', import.meta.url).href;

enableCompileCache(CACHE);
process.env['NODE_COMPILE_CACHE'] ??= CACHE;

const hooks = registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'async-hook-domain'
      ? { url: DOMAIN, shortCircuit: true }
      : next(specifier, context),
});
const { default: root } = await import('tap');
hooks.deregister();
const { follow } = await import('./plain-domain.ts');
follow(root as unknown as Parameters<typeof follow>[0]);
